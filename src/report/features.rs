//! The heaviest features of each label, as people read them.

use super::Report;
use super::visible::visible;
use crate::features::{FeatureKind, ReadableFeature};

/// One feature.
pub(super) struct FeatureRow {
    pub text: String,
    pub kind: &'static str,
    pub position: &'static str,
    pub weight: String,
}

/// The heaviest features of one label.
pub(super) struct LabelFeatures {
    pub label: String,
    /// Id of the element and what the features do: for, and against.
    pub sides: [(String, &'static str, Vec<FeatureRow>); 2],
}

/// What a kind of feature is called on the page.
fn kind_name(kind: FeatureKind) -> &'static str {
    match kind {
        FeatureKind::Word => "stem",
        FeatureKind::Bigram => "bigram",
        FeatureKind::CharNgram => "n-gram",
    }
}

/// A feature with its weight or contribution; one that cannot be read has only that.
pub(super) fn row(feature: Option<ReadableFeature<'_>>, weight: f64) -> FeatureRow {
    FeatureRow {
        text: feature.map_or_else(String::new, |f| visible(f.text)),
        kind: feature.map_or("", |f| kind_name(f.kind)),
        position: feature.map_or("", |f| f.position.name()),
        weight: signed(weight),
    }
}

/// Two decimals with a sign; a true minus, which is as wide as the plus.
fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "\u{2212}")
}

/// The heaviest features of all labels.
pub(super) fn heaviest(report: &Report<'_>) -> Vec<LabelFeatures> {
    let side = |label: usize, positive: bool| {
        let heaviest = report.classifier.heaviest_features(label, positive, report.features);
        heaviest
            .iter()
            .map(|f| row(ReadableFeature::from_key(f.key), f.weight))
            .collect()
    };
    let names = report.classifier.schema().names().iter().enumerate();
    names
        .map(|(i, name)| LabelFeatures {
            label: visible(name),
            sides: [
                (format!("for-{i}"), "for", side(i, true)),
                (format!("against-{i}"), "against", side(i, false)),
            ],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minus_is_as_wide_as_a_plus() {
        assert_eq!([1.0, -0.256].map(signed), ["+1.00", "\u{2212}0.26"]);
    }
}
