//! What was said of the versions of a product before they were asked for.

use std::collections::BTreeSet;

use crate::evidence::VariantFacts;
use crate::id::Name;
use crate::model::clerk::decide::pick::Filters;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::plain;

/// Those of some variants that have what was said of them before, where one value was: `in purple, 128`, then `pink`.
pub(super) fn as_said_before<'a>(
    mut left: Vec<&'a VariantFacts>,
    filters: &Filters,
    scene: &Scene<'_>,
) -> Vec<&'a VariantFacts> {
    let names: BTreeSet<&Name> = left.iter().flat_map(|it| it.attributes.keys()).collect();
    for name in names.into_iter().filter(|name| !filters.contains_key(*name)) {
        let said = |value: &&String| plain(value).iter().all(|word| scene.said.contains(word));
        let values = left.iter().filter_map(|it| it.attributes.get(name)).filter(said);
        let values: BTreeSet<&String> = values.collect();
        if let Some(value) = values.first().filter(|_| values.len() == 1 && !filters.is_empty()) {
            left.retain(|it| it.attributes.get(name) == Some(value));
        }
    }
    left
}
