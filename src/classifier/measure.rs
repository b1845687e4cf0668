//! A classifier measured on labelled sentences.

use super::Classifier;
use crate::evaluation::{Evaluation, Outcome};
use crate::label::LabelSet;

impl Classifier {
    /// Labels every sentence and compares with its true labels. The outcomes are in the order of `rows`.
    ///
    /// ```
    /// use bayan::{Classifier, LabelSet};
    ///
    /// let classifier = Classifier::shipped();
    /// let denial = LabelSet::default().with(classifier.schema().position("denial").unwrap());
    /// let (_, evaluation) = classifier.evaluate([("ونفى المتحدث باسم الوزارة صحة هذه الأنباء.", denial)]);
    /// assert_eq!(evaluation.exact_match, 1.0);
    /// ```
    pub fn evaluate<'t>(&self, rows: impl IntoIterator<Item = (&'t str, LabelSet)>) -> (Vec<Outcome>, Evaluation) {
        let mut labeller = self.labeller();
        let outcomes: Vec<Outcome> = rows
            .into_iter()
            .map(|(text, truth)| {
                let (predicted, probabilities) = labeller.label(text);
                Outcome {
                    truth,
                    predicted,
                    probabilities: probabilities.to_vec(),
                }
            })
            .collect();
        let evaluation = Evaluation::new(self.schema().names(), self.thresholds(), &outcomes);
        (outcomes, evaluation)
    }
}
