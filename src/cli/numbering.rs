//! Numbers sentences through a document whose parts are worked on at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// Hands each batch the number of its first sentence. Batches may ask in any order; each waits for the one before.
#[derive(Debug, Default)]
pub struct Numbering {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The batch whose turn it is.
    turn: usize,
    /// Sentences of the current document before that batch.
    sentences: usize,
    aborted: bool,
}

impl Numbering {
    /// The number of the first of `count` sentences of batch `batch`; `first`: the batch begins a document.
    /// `None` if another thread has failed.
    pub fn take(&self, batch: usize, first: bool, count: usize) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.turn != batch && !state.aborted {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.aborted {
            return None;
        }
        let base = if first { 0 } else { state.sentences };
        state.sentences = base + count;
        state.turn += 1;
        self.changed.notify_all();
        Some(base)
    }

    /// Releases all that wait.
    pub fn abort(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).aborted = true;
        self.changed.notify_all();
    }
}
