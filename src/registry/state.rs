//! Which version is in use, and how that came about.

use serde::{Deserialize, Serialize};

use crate::evaluation::Comparison;

pub(super) const KIND: &str = "bayan model registry";
pub(super) const FORMAT_VERSION: u32 = 1;

/// What the test of a promotion said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// SHA-256 of the test data.
    pub data_digest: String,
    /// The largest loss of macro-F1 that was not held against the version.
    pub margin: f64,
    /// The version that was current then, against the new one.
    pub comparison: Comparison,
    /// Why the version may be worse; empty if it is not.
    pub reasons_against: Vec<String>,
}

/// A version in use, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// The version.
    pub version: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Whether it was promoted whatever the test said.
    pub forced: bool,
    /// What the test said, if there was one.
    pub test: Option<TestResult>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A version came into use.
    Promote,
    /// The one before came back into use.
    Rollback,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// What was done.
    pub action: Action,
    /// The version that was current before.
    pub from: Option<String>,
    /// The version that was current afterwards.
    pub to: String,
    /// The promotion that a rollback undid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Promotion>,
}

/// The content of `registry.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub kind: String,
    pub format_version: u32,
    /// The last one is current; a rollback takes it away.
    pub promotions: Vec<Promotion>,
    /// Everything that was done, in order.
    pub log: Vec<Entry>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            kind: KIND.into(),
            format_version: FORMAT_VERSION,
            promotions: Vec::new(),
            log: Vec::new(),
        }
    }
}

impl State {
    pub(super) fn current(&self) -> Option<&str> {
        self.promotions.last().map(|promotion| promotion.version.as_str())
    }

    pub(super) fn promote(&mut self, promotion: Promotion) {
        self.log.push(Entry {
            time: promotion.time.clone(),
            action: Action::Promote,
            from: self.current().map(str::to_owned),
            to: promotion.version.clone(),
            undone: None,
        });
        self.promotions.push(promotion);
    }

    /// Goes back to the promotion before; `None` if there is none.
    pub(super) fn roll_back(&mut self, time: String) -> Option<()> {
        let to = self.promotions.iter().rev().nth(1)?.version.clone();
        let undone = self.promotions.pop()?;
        self.log.push(Entry {
            time,
            action: Action::Rollback,
            from: Some(undone.version.clone()),
            to,
            undone: Some(undone),
        });
        Some(())
    }
}
