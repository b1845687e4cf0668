//! The history of one sentence, and what follows from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// How a conflict was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The latest annotation was taken.
    Latest,
    /// Each label that more than half of the annotators gave was taken.
    Majority,
    /// Somebody said what the labels are.
    Labels,
}

impl Method {
    pub(super) const ALL: [(&'static str, Self); 3] = [
        ("latest", Self::Latest),
        ("majority", Self::Majority),
        ("labels", Self::Labels),
    ];
}

/// A rule that decides conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The latest annotation. Not if several of the same time differ.
    Latest,
    /// Each label that more than half of the annotators give. Not if half of them give one.
    Majority,
}

/// An annotation or a resolution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Ascending in the order of entry.
    pub id: i64,
    /// Who labelled the sentence, or resolved the conflict.
    pub annotator: String,
    /// Names of the labels, sorted.
    pub labels: Vec<String>,
    /// When it was labelled; where the file did not say, when it was imported.
    pub time: Timestamp,
    /// How a conflict was resolved; `None` for an annotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Method>,
    /// The file that it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What the sentence is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The document or collection that the sentence is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Anything worth saying about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A sentence and everything that was said about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    #[serde(skip)]
    pub(super) number: i64,
    /// Its id; made of its text if it was imported without one.
    pub id: String,
    /// Further ids that it was imported with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_ids: Vec<String>,
    /// The sentence.
    pub text: String,
    /// All entries, in the order of entry.
    pub events: Vec<Event>,
}

/// What stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<'h> {
    /// All annotators give the same labels: their latest annotations.
    Agreed(Vec<&'h Event>),
    /// A conflict was resolved, and nobody has disagreed since.
    Resolved(&'h Event),
    /// The voices differ: the latest annotation of each annotator; after a resolution, that and what disagrees with it.
    Conflict(Vec<&'h Event>),
}

impl History {
    /// The latest annotation of each annotator, by annotator.
    pub fn current(&self) -> Vec<&Event> {
        let mut latest: BTreeMap<&str, &Event> = BTreeMap::new();
        for event in self.events.iter().filter(|e| e.resolution.is_none()) {
            let slot = latest.entry(&event.annotator).or_insert(event);
            if (event.time, event.id) > (slot.time, slot.id) {
                *slot = event;
            }
        }
        latest.into_values().collect()
    }

    /// What stands.
    pub fn outcome(&self) -> Outcome<'_> {
        let mut voices = self.current();
        if let Some(resolution) = self.events.iter().rev().find(|e| e.resolution.is_some()) {
            voices.retain(|e| e.id > resolution.id && e.labels != resolution.labels);
            if voices.is_empty() {
                return Outcome::Resolved(resolution);
            }
            voices.insert(0, resolution);
            return Outcome::Conflict(voices);
        }
        if voices.windows(2).all(|pair| pair[0].labels == pair[1].labels) {
            Outcome::Agreed(voices)
        } else {
            Outcome::Conflict(voices)
        }
    }
}

impl Prefer {
    /// The labels by this rule; `None` where it cannot decide.
    pub fn decide(self, voices: &[&Event]) -> Option<Vec<String>> {
        match self {
            Self::Latest => {
                let time = voices.iter().map(|e| e.time).max()?;
                let mut latest = voices.iter().filter(|e| e.time == time);
                let labels = &latest.next()?.labels;
                latest.all(|e| e.labels == *labels).then(|| labels.clone())
            }
            Self::Majority => {
                let mut votes: BTreeMap<&String, usize> = BTreeMap::new();
                for label in voices.iter().flat_map(|e| &e.labels) {
                    *votes.entry(label).or_default() += 1;
                }
                if votes.values().any(|&n| n * 2 == voices.len()) {
                    return None;
                }
                let majority = votes.into_iter().filter(|&(_, n)| n * 2 > voices.len());
                Some(majority.map(|(label, _)| label.clone()).collect())
            }
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::Latest => Method::Latest,
            Self::Majority => Method::Majority,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who, at which second, which labels, and how it was resolved.
    type Said<'a> = (&'a str, i64, &'a [&'a str], Option<Method>);

    fn history(events: &[Said<'_>]) -> History {
        let event = |(id, (who, second, labels, resolution)): (i64, &Said<'_>)| Event {
            id,
            annotator: (*who).into(),
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
            time: Timestamp::from_second(*second).unwrap(),
            resolution: *resolution,
            file: None,
            topic: None,
            source: None,
            note: None,
        };
        History {
            number: 1,
            id: "1".into(),
            other_ids: Vec::new(),
            text: "x".into(),
            events: (0..).zip(events).map(event).collect(),
        }
    }

    fn conflict(history: &History) -> Vec<i64> {
        match history.outcome() {
            Outcome::Conflict(voices) => voices.iter().map(|e| e.id).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_latest_word_of_each_annotator_counts() {
        let changed = history(&[
            ("ali", 1, &["a"], None),
            ("ali", 2, &["b"], None),
            ("sara", 1, &["b"], None),
        ]);
        assert!(matches!(changed.outcome(), Outcome::Agreed(voices) if voices.len() == 2));
        // An older annotation that is imported later changes nothing.
        let late = history(&[
            ("ali", 5, &["b"], None),
            ("sara", 5, &["b"], None),
            ("ali", 2, &["a"], None),
        ]);
        assert!(matches!(late.outcome(), Outcome::Agreed(_)));
        assert_eq!(
            conflict(&history(&[("ali", 1, &["a"], None), ("sara", 9, &[], None)])),
            [0, 1]
        );
    }

    #[test]
    fn a_resolution_stands_until_somebody_disagrees() {
        let base: [Said<'static>; 3] = [
            ("ali", 1, &["a"], None),
            ("sara", 2, &["b"], None),
            ("boss", 3, &["a"], Some(Method::Labels)),
        ];
        let with = |more: Said<'static>| {
            let mut events = base.to_vec();
            events.push(more);
            history(&events)
        };
        assert!(matches!(history(&base).outcome(), Outcome::Resolved(e) if e.annotator == "boss"));
        assert!(matches!(
            with(("sara", 4, &["a"], None)).outcome(),
            Outcome::Resolved(_)
        ));
        assert_eq!(conflict(&with(("omar", 4, &["b"], None))), [2, 3]);
        assert!(
            matches!(with(("sara", 1, &["c"], None)).outcome(), Outcome::Resolved(_)),
            "not her latest word"
        );
    }

    #[test]
    fn rules_decide_only_what_they_can() {
        let three = history(&[
            ("ali", 1, &["a", "b"], None),
            ("omar", 2, &["b", "c"], None),
            ("sara", 2, &["b"], None),
        ]);
        assert_eq!(Prefer::Majority.decide(&three.current()), Some(vec!["b".to_owned()]));
        assert_eq!(Prefer::Latest.decide(&three.current()), None, "two of the same time");
        let two = history(&[("ali", 1, &["a"], None), ("omar", 2, &[], None)]);
        assert_eq!(Prefer::Majority.decide(&two.current()), None);
        assert_eq!(Prefer::Latest.decide(&two.current()), Some(vec![]));
    }
}
