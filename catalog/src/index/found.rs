//! Collects everything that fits a query: whether it may be shown is asked outside, best first.

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// The field that holds a product's place among the products.
pub(super) const AT: &str = "at";

/// Something that fits: how well, in thousandths, so that equal fits are equal whatever order their parts were
/// added up in; and its place.
pub(crate) type Found = (u32, u32);

/// Everything that fits, in no order.
pub(super) struct Everything;

/// What one segment holds of it.
pub(super) struct InSegment {
    at: Column<u64>,
    found: Vec<Found>,
}

impl Collector for Everything {
    type Fruit = Vec<Found>;
    type Child = InSegment;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<InSegment> {
        Ok(InSegment { at: segment.fast_fields().u64(AT)?, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<Found>>) -> tantivy::Result<Vec<Found>> {
        Ok(fruits.concat())
    }
}

impl SegmentCollector for InSegment {
    type Fruit = Vec<Found>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let at = self.at.first(doc).and_then(|at| u32::try_from(at).ok());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "scores are small and positive"
        )]
        self.found.extend(at.map(|at| ((score * 1_000.0).round() as u32, at)));
    }

    fn harvest(self) -> Vec<Found> {
        self.found
    }
}
