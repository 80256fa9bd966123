//! Feeds as shops write them, and what is made of them.

use agent_core::time::Micros;
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(feed: &str, expect: &Expect) {
    check_in(None, feed.as_bytes(), expect);
}

#[track_caller]
fn check_in(currency: Option<&str>, bytes: &[u8], expect: &Expect) {
    let said = match read(Feed { bytes, currency }, |_| {}) {
        Err(error) => format!("{error}\n"),
        Ok((products, report)) => {
            let mut said = String::new();
            for product in products {
                said.push_str(&format!(
                    "{} {} {:?}\n",
                    product.id, product.title, product.category
                ));
                for variant in product.variants {
                    let (price, was) = variant.offer.at(Micros(1_770_000_000_000_000));
                    said.push_str(&format!(
                        "  {} {price} {was:?} {:?} {:?}\n",
                        variant.id, variant.offer.stock, variant.attributes
                    ));
                }
            }
            for error in report.errors {
                said.push_str(&format!("{error}\n"));
            }
            said
        }
    };
    expect.assert_eq(&said);
}

#[test]
fn rows_of_a_group_are_one_product_and_sales_hold_in_their_time() {
    check(
        "# made by hand\nid\titem group id\tg:title\tprice\tsale_price\tsale price effective date\tavailability\tsize\tproduct_type\n\
         a1\ta\t<b>Blue</b>\u{200b} Hat\t20.00 EUR\t15.00 EUR\t2026-01-01T00:00+00:00/2027-01-01T00:00+00:00\tin stock\tS\tHats > Sun\n\
         a2\ta\tBlue Hat\t20 EUR\t15 EUR\t2025-01-01/2025-02-01\tout_of_stock\tM\tHats > Sun\n",
        &expect![[r#"
            a Blue Hat ["Hats", "Sun"]
              a1 15.00 EUR Some(Money { minor: 2000, currency: EUR }) In(None) {size: "S"}
              a2 20.00 EUR None Out {size: "M"}
        "#]],
    );
}

#[test]
fn a_bad_row_is_reported_and_the_good_ones_load() {
    check(
        "id,title,price,sale_price,availability,link\n\
         1,Good,5.00 EUR,,in_stock,https://shop.example/1\n\
         2,,5.00 EUR,,in_stock,\n\
         3,No price,5 EURO,,in_stock,\n\
         4,Sale above,5.00 EUR,6.00 EUR,in_stock,\n\
         5,Stock,5.00 EUR,,maybe,\n\
         6,Link,5.00 EUR,,in_stock,javascript:x\n\
         1,Twice,5.00 EUR,,in_stock,\n",
        &expect![[r#"
            1 Good []
              1 5.00 EUR None In(None) {}
            line 3, title: is empty
            line 4, price: `EURO` is not a currency code of ISO 4217
            line 5, sale_price: 6.00 EUR is above the price of 5.00 EUR
            line 6, availability: expected in_stock, out_of_stock, preorder or backorder, found `maybe`
            line 7, link: expected a link with http or https, found `javascript:x`
            line 8, id: `1` stands twice; the first row counts
        "#]],
    );
}

#[test]
fn a_price_that_names_no_currency_is_in_the_shops() {
    check_in(
        Some("CHF"),
        b"id,title,price,sale_price,availability\n1,Hat,20.00,15,in_stock\n2,Cap,5 EUR,,in_stock\n3,Tie,,,in_stock\n",
        &expect![[r#"
            1 Hat []
              1 15.00 CHF Some(Money { minor: 2000, currency: CHF }) In(None) {}
            2 Cap []
              2 5.00 EUR None In(None) {}
            line 4, price: expected an amount such as `15.00 USD`, found ``
        "#]],
    );
}

#[test]
fn a_quotation_mark_that_nobody_closed_costs_its_own_row() {
    check(
        "id,title,price,availability\n1,\"Long\nname\",5.00 EUR,in_stock\n2,\"Open,5.00 EUR,in_stock\n\
         3,Good,5.00 EUR,in_stock\n4,With, comma,5.00 EUR,in_stock\n5,Last,5.00 EUR,in_stock\n",
        &expect![[r#"
            1 Long name []
              1 5.00 EUR None In(None) {}
            3 Good []
              3 5.00 EUR None In(None) {}
            5 Last []
              5 5.00 EUR None In(None) {}
            line 4, row: has 2 fields where the header names 4; put one that holds the delimiter or a line's end in quotation marks, and close them
            line 6, row: has 5 fields where the header names 4; put one that holds the delimiter or a line's end in quotation marks, and close them
        "#]],
    );
}

#[test]
fn windows_line_ends_semicolons_and_decimal_commas_are_read() {
    check(
        "\u{feff}id;title;price;availability;availability_date\r\n1;Hat;15,00 EUR;preorder;2026-12-24T00:00+01:00\r\n\r\n\
         2;Cap;1.299,00 EUR;In Stock;2026-12-24\r\n3;Tie;1,299 EUR;in stock;\r\n4;Sock;5 EUR;backorder;soon\r\n",
        &expect![[r#"
            1 Hat []
              1 15.00 EUR None Preorder {availability_date: "2026-12-24"}
            2 Cap []
              2 1299.00 EUR None In(None) {}
            line 5, price: `1,299 EUR` is ambiguous; write thousands without a mark: `1299.00 USD`
            line 6, availability_date: expected a date of ISO 8601, found `soon`
        "#]],
    );
}

#[test]
fn utf_16_is_read_and_a_row_that_is_no_text_is_told() {
    let text = "id\ttitle\tprice\tavailability\n1\tHüte\t5.00 EUR\tin stock\n";
    let wide: Vec<u8> = "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    check_in(
        None,
        &wide,
        &expect![[r#"
        1 Hüte []
          1 5.00 EUR None In(None) {}
    "#]],
    );
    check_in(
        None,
        b"id,title,price,availability\n1,H\xfcte,5 EUR,in_stock\n2,Cap,5 EUR,in_stock\n",
        &expect![[r#"
            2 Cap []
              2 5.00 EUR None In(None) {}
            line 2, row: is not UTF-8 text
        "#]],
    );
    check_in(
        None,
        &wide[2..],
        &expect![[r#"
        the feed is neither UTF-8 nor UTF-16; save it as UTF-8 and import it again
    "#]],
    );
}

#[test]
fn titles_that_name_the_variant_leave_the_products_name() {
    check(
        "id,item_group_id,title,price,availability,colour\n\
         1,g,\"Rain Jacket, blue\",5.00 EUR,in_stock,blue\n2,g,\"Rain Jacket, red\",6.00 USD,in_stock,red\n\
         3,h,Hat blue,5.00 EUR,in_stock,blue\n4,h,Cap,5.00 EUR,in_stock,\n",
        &expect![[r#"
            g Rain Jacket []
              1 5.00 EUR None In(None) {color: "blue"}
              2 6.00 USD None In(None) {color: "red"}
            h Hat blue []
              3 5.00 EUR None In(None) {color: "blue"}
              4 5.00 EUR None In(None) {}
        "#]],
    );
}

#[test]
fn a_column_that_is_nearly_named_right_is_told() {
    check(
        "id,titel,price,availability\n1,x,1 EUR,in_stock\n",
        &expect![[r#"
        the feed has no column `title`; it needs id, title, price and availability; is `titel` meant? Rename it
    "#]],
    );
    let (_, report) = read(
        Feed::from(
            b"id,title,price,availability,materiall,shelf\n1,x,1 EUR,in_stock,,\n".as_slice(),
        ),
        |_| {},
    )
    .unwrap();
    assert_eq!(report.unknown, ["materiall (perhaps `material` is meant)", "shelf"]);
}

#[test]
fn a_file_that_is_no_feed_says_so() {
    check("", &expect![["the feed is empty; its first line must name the columns\n"]]);
    check(
        "id,title\n1,x\n",
        &expect![["the feed has no column `price`; it needs id, title, price and availability\n"]],
    );
    check(
        "id,title,price,availability\n1,x,free,in_stock\n",
        &expect![[
            "none of the 1 rows can be used; the first: line 2, price: expected an amount such as `15.00 USD`, found `free`\n"
        ]],
    );
}
