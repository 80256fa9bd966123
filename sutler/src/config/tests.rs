use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(text: &str, expect: &Expect) {
    let said = match Config::parse("sutler.toml", text) {
        Ok(config) => format!("{} shops", config.shops.len()),
        Err(error) => match error.what_to_do() {
            Some(hint) => format!("{error}\nhint: {hint}"),
            None => error.to_string(),
        },
    };
    expect.assert_eq(&said);
}

#[test]
fn the_example_is_read_and_names_every_setting() {
    let text = include_str!("../../sutler.example.toml");
    check(text, &expect!["1 shops"]);
    // What stands in comments is read too: each commented setting, without its `# `.
    let built = |section: &&str| {
        (cfg!(feature = "telegram") || !section.contains("\"telegram\""))
            && (cfg!(feature = "discord") || !section.contains("\"discord\""))
    };
    let sections: Vec<&str> = text.split("\n\n").filter(built).collect();
    let whole = sections.join("\n\n");
    let whole: Vec<&str> =
        whole.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect();
    check(&whole.join("\n"), &expect!["2 shops"]);
}

#[test]
fn a_store_that_could_not_work_well_is_refused_with_the_reason() {
    let shop = "[[shop]]\nname = \"a\"\npack = \"retail\"\n";
    let check = |setting: &str, expect: &Expect| {
        check(&format!("[store]\ncache_mib = 16\n{setting}\n{shop}"), expect);
    };
    check(
        "group_kib = 256",
        &expect![
            "sutler.toml:3: `group_kib` is above 128 KiB: who comes first would wait for all the others"
        ],
    );
    check("group = 0", &expect!["sutler.toml:3: `group` is 0: nothing would ever be committed"]);
    check("group_kib = 16\nqueue = 1", &expect!["1 shops"]);
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_the_nearest() {
    check(
        "[[shop]]\nname = \"a\"\npakc = \"retail\"\n",
        &expect![[r#"
        sutler.toml:3: unknown key `pakc`
        hint: did you mean `pack`?"#]],
    );
    check(
        "[store]\nspeed = 3\n",
        &expect![[r#"
        sutler.toml:2: unknown key `speed`
        hint: known here: cache_mib, group, group_kib, queue, root_key"#]],
    );
    check(
        "[log]\nformat = \"jsno\"\n",
        &expect![[r#"
        sutler.toml:2: unknown value `jsno`
        hint: did you mean `json`?"#]],
    );
    check(
        "[[shop]]\nname = \"a\"\npack = \"retail\"\n[shop.model]\nkind = \"opnai\"\n",
        &expect![[r#"
            sutler.toml:5: unknown value `opnai`
            hint: did you mean `openai`?"#]],
    );
}

#[test]
fn what_is_missing_is_named() {
    check(
        "",
        &expect![[r#"
        sutler.toml:1: there is no `[[shop]]`
        hint: a shop needs two lines under `[[shop]]`: name = "…" and pack = "retail""#]],
    );
    check("[[shop]]\nname = \"a\"\n", &expect!["sutler.toml:1: the key `pack` is missing"]);
    check(
        "[[shop]]\nname = \"a\"\npack = \"retail\"\n[shop.model]\nkind = \"openai\"\nmodel = \"m\"\n",
        &expect![[r#"sutler.toml:4: `kind = "openai"` needs the key `base_url`"#]],
    );
}

#[test]
fn a_channel_of_another_build_names_its_feature_whatever_its_keys() {
    let shop = "[[shop]]\nname = \"a\"\npack = \"retail\"\n[[shop.channel]]\n";
    #[cfg(not(feature = "telegram"))]
    check(
        &format!("{shop}token_env = \"T\"\nkind = \"telegram\"\n"),
        &expect![[r#"
        sutler.toml:6: this build has no channel `telegram`
        hint: build sutler with the cargo feature `telegram`"#]],
    );
    #[cfg(feature = "telegram")]
    check(
        &format!("{shop}token = \"T\"\nkind = \"telegram\"\n"),
        &expect![[r#"
        sutler.toml:4: unknown key `token`
        hint: known here: token_env, updates, base_url"#]],
    );
    check(
        &format!("{shop}kind = \"telegarm\"\n"),
        &expect![[r#"
        sutler.toml:5: unknown channel `telegarm`
        hint: did you mean `telegram`?"#]],
    );
    check(
        &format!("{shop}kind = \"terminal\"\nport = 3\n"),
        &expect!["sutler.toml:4: unknown key `port`"],
    );
    check(&format!("{shop}kind = \"terminal\"\n"), &expect!["1 shops"]);
}

#[test]
fn what_can_not_be_meant_is_refused() {
    let shop = "[[shop]]\nname = \"a\"\npack = \"retail\"\n";
    check("shop = 3", &expect!["sutler.toml:1: invalid type: integer `3`, expected a sequence"]);
    check("[[shop]\n", &expect!["sutler.toml:1: unclosed array table, expected `]`"]);
    check(&format!("{shop}{shop}"), &expect!["sutler.toml:4: two shops are named `a`"]);
    check(
        &format!("{shop}id = 1\n[[shop]]\nname = \"b\"\npack = \"retail\"\nid = 1\n"),
        &expect![[r#"
            sutler.toml:5: `b` and `a` have the same id 1
            hint: give one of them another `id`; an id that has data must stay"#]],
    );
    check(
        &format!("{shop}currency = \"euro\"\n"),
        &expect![[r#"
        sutler.toml:1: `euro` is no currency
        hint: three capital letters by ISO 4217: EUR"#]],
    );
    check(
        &format!("{shop}[shop.model]\nkey_env = \"K\"\n"),
        &expect![[
            r#"sutler.toml:4: the clerk needs no server: these keys are for `kind = "openai"`"#
        ]],
    );
    check(
        &format!("{shop}[shop.checkout]\nbase_url = \"shop.example\"\n"),
        &expect![[r#"
        sutler.toml:1: `shop.example` is no address
        hint: it begins with https:// or http://"#]],
    );
}

#[test]
fn what_would_be_over_at_once_is_refused() {
    let shop = "[[shop]]\nname = \"a\"\npack = \"retail\"\n";
    check(
        &format!("{shop}[shop.checkout]\nminutes = 0\n"),
        &expect!["sutler.toml:1: `minutes` is 0: no link could ever be paid"],
    );
    let webhook = "[shop.webhook]\nurl = \"https://shop.example\"\nsecret_env = \"S\"\n";
    check(
        &format!("{shop}{webhook}timeout_s = 0\n"),
        &expect!["sutler.toml:4: `timeout_s` is 0: no answer would be awaited"],
    );
}

#[cfg(feature = "api")]
#[test]
fn the_server_and_its_keys_are_checked() {
    let shop = "[[shop]]\nname = \"a\"\npack = \"retail\"\n";
    let key = |name: &str, scopes: &str| {
        format!("[[shop.key]]\nname = \"{name}\"\nkey_env = \"K\"\nscopes = [{scopes}]\n")
    };
    check(&format!("{shop}{}", key("k", "\"read\"")), &expect!["1 shops"]);
    check(
        &format!("{shop}{0}{0}", key("k", "\"read\"")),
        &expect!["sutler.toml:1: two keys of `a` are named `k`"],
    );
    check(
        &format!("{shop}{}", key("k", "")),
        &expect![[r#"
            sutler.toml:1: the key `k` opens nothing
            hint: give it `scopes`: post, read, control, tell"#]],
    );
    check(
        &format!("{shop}{}", key("k", "\"raed\"")),
        &expect![[r#"
            sutler.toml:7: unknown value `raed`
            hint: did you mean `read`?"#]],
    );
    let server = |line: &str| format!("[server]\n{line}\n{shop}");
    check(
        &server("trusted_proxies = [\"10.0.0.0/33\"]"),
        &expect!["sutler.toml:2: `10.0.0.0/33` is no address and no network like 10.0.0.0/8"],
    );
    check(&server("connections = 0"), &expect!["sutler.toml:1: `connections` is too small"]);
    check(&server("head_s = 0"), &expect!["sutler.toml:1: `head_s` is too small"]);
    check(&server("answer_s = 0"), &expect!["sutler.toml:1: `answer_s` is too small"]);
    check(&server("head_kib = 7"), &expect!["sutler.toml:1: `head_kib` is too small"]);
    check(
        &server("public_url = \"shop.example\""),
        &expect![[r#"
            sutler.toml:1: `shop.example` is no address
            hint: it begins with https:// or http://"#]],
    );
}

#[test]
fn a_shop_keeps_its_number_wherever_it_stands() {
    let read = |text: &str| Config::parse("t", text).unwrap();
    let one = read("[[shop]]\nname = \"a\"\npack = \"retail\"\n");
    let two = read(
        "[[shop]]\nname = \"b\"\npack = \"retail\"\n[[shop]]\nname = \"a\"\npack = \"retail\"\n",
    );
    assert_eq!(one.shops[0].get_ref().id(), two.shops[1].get_ref().id());
    assert_eq!(Config::of_pack("packs/mine/").shops[0].get_ref().name, "mine");
}
