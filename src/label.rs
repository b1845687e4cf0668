//! Label names and sets of labels.
//!
//! Enters: names found in annotations or in a model file. Leaves: [`LabelSchema`], the ordered names, and
//! [`LabelSet`], a set of positions in it. Must not know: what a label means, text, weights.

use crate::error::Error;

/// The largest number of labels that a schema can hold.
pub const MAX_LABELS: usize = 64;

/// The ordered, distinct names of the labels of a classifier (1 to [`MAX_LABELS`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSchema {
    names: Vec<String>,
}

impl LabelSchema {
    /// A schema of `names` in the order given.
    ///
    /// # Errors
    /// If there is no name or more than [`MAX_LABELS`], or one is empty, holds a control character, or occurs twice.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() || names.len() > MAX_LABELS {
            return Err(Error::InvalidSchema(format!(
                "expected 1 to {MAX_LABELS} labels, got {}",
                names.len()
            )));
        }
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err(Error::InvalidSchema(format!("{name:?} cannot be a label name")));
            }
            if names[..i].contains(name) {
                return Err(Error::InvalidSchema(format!("label {name:?} occurs twice")));
            }
        }
        Ok(Self { names })
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many labels there are.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The position of a name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// The set of the given names.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] for the first name that is not in the schema.
    pub fn set_of<S: AsRef<str>>(&self, names: &[S]) -> Result<LabelSet, Error> {
        names
            .iter()
            .try_fold(LabelSet::default(), |set, name| match self.position(name.as_ref()) {
                Some(i) => Ok(set.with(i)),
                None => Err(Error::UnknownLabel {
                    label: name.as_ref().to_owned(),
                    known: self.names.join(", "),
                }),
            })
    }

    /// The names of the labels in `set`, in the order of the schema.
    pub fn names_of(&self, set: LabelSet) -> impl Iterator<Item = &str> {
        (0..self.len())
            .filter(move |&i| set.contains(i))
            .map(|i| self.names[i].as_str())
    }
}

/// A set of labels, as positions in a [`LabelSchema`]. The empty set is the outcome "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct LabelSet(u64);

impl LabelSet {
    /// This set with label `i` added.
    ///
    /// # Panics
    /// If `i` is not below [`MAX_LABELS`].
    #[must_use]
    pub fn with(self, i: usize) -> Self {
        assert!(i < MAX_LABELS, "label {i} is out of range");
        Self(self.0 | 1 << i)
    }

    /// Whether label `i` is in the set.
    pub fn contains(self, i: usize) -> bool {
        i < MAX_LABELS && self.0 >> i & 1 == 1
    }

    /// Whether no label is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many labels are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_refuses_bad_names() {
        assert!(LabelSchema::new(Vec::<String>::new()).is_err());
        assert!(LabelSchema::new(["a", "a"]).is_err());
        assert!(LabelSchema::new(["a", ""]).is_err());
        assert!(LabelSchema::new((0..65).map(|i| i.to_string())).is_err());
    }

    #[test]
    fn sets_follow_the_schema() {
        let schema = LabelSchema::new(["claim", "denial", "threat"]).unwrap();
        let set = schema.set_of(&["threat", "claim"]).unwrap();
        assert_eq!(schema.names_of(set).collect::<Vec<_>>(), ["claim", "threat"]);
        assert_eq!((set.len(), set.contains(1), set.is_empty()), (2, false, false));
        let error = schema.set_of(&["rumour"]).unwrap_err().to_string();
        assert!(error.contains("rumour") && error.contains("claim"), "{error}");
    }
}
