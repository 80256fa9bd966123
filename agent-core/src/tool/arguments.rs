//! Arguments as models write them: typed, or an error that says where and what was expected.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::evidence::{Access, ToolError, ToolSpec};

/// So much of what is no object is told back.
const FOUND_MAX: usize = 200;

/// No arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Reads arguments.
pub(super) fn parse<T: DeserializeOwned>(arguments: &Value) -> Result<T, ToolError> {
    if !arguments.is_object() {
        let found: String = arguments.to_string().chars().take(FOUND_MAX).collect();
        return Err(ToolError::Arguments(format!("expected a JSON object, found {found}")));
    }
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { String::new() } else { format!("at `{path}`: ") };
        ToolError::Arguments(format!("{place}{}", error.into_inner()))
    })
}

/// What models are told of a tool that takes `T`: its schema whole, for servers that follow no references.
pub(super) fn spec<T: JsonSchema>(name: &str, about: &str, access: Access) -> ToolSpec {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut arguments = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(schema) = &mut arguments {
        // The type's own name and doc are for us; servers want properties even where there are none.
        schema.remove("title");
        schema.remove("description");
        schema.entry("properties").or_insert_with(|| json!({}));
    }
    ToolSpec { name: name.into(), about: about.to_owned(), arguments, access }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::catalog::Query;

    #[track_caller]
    fn check(arguments: &Value, expect: &Expect) {
        expect.assert_eq(&parse::<Query>(arguments).unwrap_err().to_string());
    }

    #[test]
    fn wrong_arguments_are_told_with_their_place_and_what_was_expected() {
        check(
            &json!({"colour": "blue"}),
            &expect![
                "arguments: at `colour`: unknown field `colour`, expected one of `words`, `filters`, `without`, `max_price`, `min_price`, `sort`, `limit`"
            ],
        );
        check(
            &json!({"filters": {"color": 3}}),
            &expect!["arguments: at `filters.color`: invalid type: integer `3`, expected a string"],
        );
        check(
            &json!({"max_price": "cheap"}),
            &expect![
                "arguments: at `max_price`: expected an amount such as `15.00 USD`, found `cheap`"
            ],
        );
        check(
            &json!({"sort": "price"}),
            &expect![
                "arguments: at `sort`: unknown variant `price`, expected one of `relevance`, `cheapest`, `dearest`"
            ],
        );
        check(
            &json!("{\"words\":"),
            &expect![[r#"arguments: expected a JSON object, found "{\"words\":""#]],
        );
        check(&json!(null), &expect!["arguments: expected a JSON object, found null"]);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "it is one schema, whole")]
    fn a_schema_stands_alone() {
        let spec = spec::<Query>("search", "", Access::Read);
        let text = serde_json::to_string_pretty(&spec.arguments).unwrap();
        assert!(!text.contains("$ref"), "{text}");
        expect![[r#"
            {
              "additionalProperties": false,
              "properties": {
                "filters": {
                  "additionalProperties": {
                    "type": "string"
                  },
                  "default": {},
                  "description": "Attributes that must match, such as `color`, `size`, `gender`, `material`, `brand`, `category`.",
                  "type": "object"
                },
                "limit": {
                  "default": 0,
                  "description": "At most so many products; 0 leaves it to the tool.",
                  "format": "uint8",
                  "maximum": 255,
                  "minimum": 0,
                  "type": "integer"
                },
                "max_price": {
                  "default": null,
                  "description": "At most this price, in whole units of the shop's currency.",
                  "minimum": 0,
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "min_price": {
                  "default": null,
                  "description": "At least this price, in whole units of the shop's currency.",
                  "minimum": 0,
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "sort": {
                  "default": "relevance",
                  "description": "How the matches are sorted.",
                  "oneOf": [
                    {
                      "const": "relevance",
                      "description": "What fits best, first.",
                      "type": "string"
                    },
                    {
                      "const": "cheapest",
                      "description": "Cheapest first.",
                      "type": "string"
                    },
                    {
                      "const": "dearest",
                      "description": "Dearest first.",
                      "type": "string"
                    }
                  ]
                },
                "without": {
                  "default": [],
                  "description": "What nothing found may be: colours, materials, kinds, a word or two each.",
                  "items": {
                    "type": "string"
                  },
                  "type": "array"
                },
                "words": {
                  "default": "",
                  "description": "What the customer calls it, without the constraints below.",
                  "type": "string"
                }
              },
              "type": "object"
            }"#]].assert_eq(&text);
    }

    #[test]
    fn a_tool_without_arguments_has_a_schema_all_the_same() {
        let nothing = spec::<Nothing>("cart_view", "", Access::Read);
        expect![[r#"{"additionalProperties":false,"properties":{},"type":"object"}"#]]
            .assert_eq(&nothing.arguments.to_string());
    }
}
