//! Batches on their way to the threads that work: how many may be under way, and which wait.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue that holds no more than so many items, those that are worked on included.
///
/// Once it is full, it is filled again when half of it is done: to wake a thread for each single item costs more than what
/// it does.
#[derive(Debug)]
pub struct Feed<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    drained: Condvar,
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    /// How many have been admitted and are not done.
    under_way: usize,
    closed: bool,
}

impl<T> Feed<T> {
    /// An empty queue of at most `most` items.
    pub fn new(most: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                under_way: 0,
                closed: false,
            }),
            filled: Condvar::new(),
            drained: Condvar::new(),
            most,
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room for an item, and keeps that for it. `false` if nobody wants any more.
    pub fn admit(&self) -> bool {
        let mut state = self.state();
        if state.under_way >= self.most {
            let is_full = |state: &mut State<T>| state.under_way > self.most / 2 && !state.closed;
            let waited = self.drained.wait_while(state, is_full);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.under_way += 1;
        !state.closed
    }

    /// Puts in an item when there is room. `false` if nobody wants any more.
    pub fn put(&self, item: T) -> bool {
        if !self.admit() {
            return false;
        }
        self.state().waiting.push_back(item);
        self.filled.notify_one();
        true
    }

    /// Waits for the next item. `None` when there will be no more.
    pub fn take(&self) -> Option<T> {
        let is_empty = |state: &mut State<T>| state.waiting.is_empty() && !state.closed;
        let waited = self.filled.wait_while(self.state(), is_empty);
        waited.unwrap_or_else(PoisonError::into_inner).waiting.pop_front()
    }

    /// One of the items that were admitted is done.
    pub fn done(&self) {
        let mut state = self.state();
        state.under_way -= 1;
        let is_drained = state.under_way == self.most / 2;
        drop(state);
        if is_drained {
            self.drained.notify_all();
        }
    }

    /// No more will come; those that wait can still be taken.
    pub fn close(&self) {
        self.state().closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }

    /// No more will come, and none is wanted.
    pub fn stop(&self) {
        self.state().waiting.clear();
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn everything_comes_through_and_never_too_much_at_once() {
        for (most, workers) in [(1, 1), (2, 3), (5, 2)] {
            let feed = Feed::new(most);
            let (under_way, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut largest = 0;
            thread::scope(|scope| {
                for _ in 0..workers {
                    scope.spawn(|| {
                        while let Some(item) = feed.take() {
                            sum.fetch_add(item, Ordering::Relaxed);
                            under_way.fetch_sub(1, Ordering::Relaxed);
                            feed.done();
                        }
                    });
                }
                for item in 1..=1000 {
                    assert!(feed.put(item));
                    // The item itself may be done before it is counted.
                    let now = under_way.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
                    largest = largest.max(if now > usize::MAX / 2 { 0 } else { now });
                }
                feed.close();
            });
            assert!(largest <= most, "{largest} of {most}");
            assert_eq!(sum.into_inner(), 500_500);
        }
    }

    #[test]
    fn whoever_waits_is_told_to_stop() {
        let feed = Arc::new(Feed::new(1));
        assert!(feed.put(1));
        let (tell, told) = mpsc::channel();
        let (reader, reader_tells) = (feed.clone(), tell.clone());
        thread::spawn(move || reader_tells.send(reader.put(2)));
        assert_eq!(feed.take(), Some(1));
        let worker = feed.clone();
        thread::spawn(move || tell.send(worker.take().is_some()));
        // Time enough for both to wait.
        thread::sleep(Duration::from_millis(50));
        feed.stop();
        for _ in 0..2 {
            assert_eq!(told.recv_timeout(Duration::from_secs(20)), Ok(false));
        }
    }
}
