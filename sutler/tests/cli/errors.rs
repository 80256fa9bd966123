//! What the program says when it can't do what it was asked.

use std::fs;
use std::process::Stdio;

use expect_test::{Expect, expect};

use super::{run, stderr, stdout, sutler};

#[track_caller]
fn check(arguments: &[&str], config: &str, code: i32, expect: &Expect) {
    let folder = tempfile::tempdir().unwrap();
    if !config.is_empty() {
        fs::write(folder.path().join("sutler.toml"), config).unwrap();
    }
    let output = run(sutler(folder.path()).args(arguments), "");
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    expect.assert_eq(stderr(&output));
}

#[test]
fn an_unknown_key_is_named_with_what_was_meant() {
    let config = "[[shop]]\nname = \"A\"\npack = \"retail\"\nfeeed = \"goods.csv\"\n";
    check(
        &["doctor"],
        config,
        2,
        &expect![[r#"
        error: sutler.toml:4: unknown key `feeed`
        hint: did you mean `feed`?
    "#]],
    );
}

#[cfg(not(feature = "telegram"))]
#[test]
fn a_channel_that_is_not_built_in_names_its_feature() {
    let config =
        "[[shop]]\nname = \"A\"\npack = \"retail\"\n[[shop.channel]]\nkind = \"telegram\"\n";
    check(
        &["chat"],
        config,
        2,
        &expect![[r#"
        error: sutler.toml:5: this build has no channel `telegram`
        hint: build sutler with the cargo feature `telegram`
    "#]],
    );
}

#[test]
fn a_pack_that_is_not_there_is_told_with_the_nearest() {
    check(
        &["chat", "--pack", "retial"],
        "",
        2,
        &expect![[r#"
        error: retial: no such pack is built in; others are named by the path of their folder; did you mean `retail`?
    "#]],
    );
}

#[test]
fn a_secret_that_is_not_set_is_named() {
    let config = "[[shop]]\nname = \"A\"\npack = \"retail\"\n[shop.webhook]\nurl = \"http://127.0.0.1:9\"\nsecret_env = \"SHOP_SECRET\"\n";
    check(
        &["chat"],
        config,
        2,
        &expect![[r#"
        error: the variable SHOP_SECRET is not set
        hint: the configuration says that it holds a secret: export SHOP_SECRET=…
    "#]],
    );
}

#[test]
fn a_feed_that_is_not_there_is_told() {
    let config = "[[shop]]\nname = \"A\"\npack = \"retail\"\nfeed = \"goods.csv\"\n";
    check(
        &["chat"],
        config,
        3,
        &expect![[r#"
        error: the feed goods.csv: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn a_folder_has_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = sutler(folder.path());
    first.args(["chat", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut first = first.spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"hello\n").unwrap();
    let mut answered = String::new();
    let mut output = std::io::BufReader::new(first.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut answered).unwrap();
    let second = run(sutler(folder.path()).arg("chat"), "hello\n");
    assert_eq!(second.status.code(), Some(3));
    let told = stderr(&second);
    assert!(told.contains("another process uses") && told.contains("stop it first"), "{told}");
    drop(input);
    assert!(first.wait().unwrap().success());
}

#[test]
fn the_doctor_tells_what_of_a_feed_is_not_sold_and_where_nobody_is_paid() {
    let folder = tempfile::tempdir().unwrap();
    let shop = "[server]\nlisten = \"127.0.0.1:0\"\n[[shop]]\nname = \"A\"\npack = \"retail\"\nfeed = \"goods.csv\"\n";
    let config = |more: &str| {
        fs::write(folder.path().join("sutler.toml"), format!("{shop}{more}")).unwrap();
    };
    let feed = |rows: &str| {
        let feed = format!("id,title,price,availability\n{rows}");
        fs::write(folder.path().join("goods.csv"), feed).unwrap();
    };
    let said = || {
        let output = run(sutler(folder.path()).arg("doctor"), "");
        (output.status.code(), stdout(&output).to_owned())
    };
    config("");
    feed("1,Hat,5.00 EUR,in_stock\n2,Cap,free,in_stock\n");
    let (code, told) = said();
    assert_eq!(code, Some(0), "{told}");
    for line in [
        "note A: goods: 1 products in 1 variants, 1 can be ordered; 1 rows of the feed were left out\n",
        "the first: line 3, price: expected an amount such as `15.00 USD`, found `free`\n",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    // What was read once would be sold for ever.
    fs::remove_file(folder.path().join("goods.csv")).unwrap();
    let (code, told) = said();
    assert_eq!(code, Some(1), "{told}");
    for line in [
        "bad  A: goods: the feed goods.csv: No such file or directory (os error 2)\n",
        "what it last held is sold: 1 products in 1 variants, 1 can be ordered\n",
        "note A: checkout: links lead to https://shop.example/checkout, which is an example\n",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    feed("1,Hat,5.00 EUR,in_stock\n");
    config("[shop.checkout]\nbase_url = \"https://hats.example/pay\"\n");
    let (code, told) = said();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("ok   A: goods: 1 products") && !told.contains("checkout"), "{told}");
}
