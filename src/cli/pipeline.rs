//! Batches through threads, and out again in order, with bounded memory.

use std::collections::BTreeMap;
use std::iter::Enumerate;
use std::panic::resume_unwind;
use std::sync::{Arc, LockResult, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use super::feed::Feed;
use super::numbering::Numbering;
use super::worker::{Done, Handle, Worker};
use crate::error::Error;
use crate::io::{Batch, Inputs};

/// How many batches may be under way beside those that the threads work on. More would take memory, above all where there are
/// many more threads than cores, and one that waits for a core holds back the results of all others.
const MORE_BATCHES: usize = 4;

/// How often a lock is looked at before it is waited for: for about as long as a batch of text takes that is in memory.
const LOOKS: usize = 128;

/// What became of a batch, or of an input that could not be read.
pub type Outcome<O> = Result<Done<O>, Error>;

/// Sends every batch of `inputs` through one of `threads` workers, of which the calling thread is one, and hands the
/// outcomes to `consume`, in the order of the input. Stops early when `consume` fails.
///
/// # Errors
/// What `consume` fails with.
pub fn run<H: Handle>(
    inputs: Inputs,
    threads: usize,
    new_worker: impl Fn() -> Worker<H> + Sync,
    consume: impl FnMut(Outcome<H::Out>) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    if threads == 1 {
        return run_alone(inputs, new_worker(), consume);
    }
    let feed = Arc::new(Feed::new(threads + MORE_BATCHES));
    // A worker reads its next batch itself: then the text is where it is used. A read that may never end needs a thread
    // that nobody waits for.
    let (inputs, reader) = if inputs.may_hang() {
        let feed = feed.clone();
        (None, Some(thread::spawn(move || read(inputs, &feed))))
    } else {
        (Some(Mutex::new(inputs.enumerate())), None)
    };
    let run = Run {
        inputs,
        feed: &feed,
        numbering: &Numbering::default(),
        ready: Mutex::new(Ready {
            outcomes: BTreeMap::new(),
            next: 0,
        }),
        consumer: Mutex::new(Consumer::Ready(consume)),
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| run.serve(new_worker()));
        }
        run.serve(new_worker());
    });
    let consumer = run.consumer.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Consumer::Failed(e) = consumer {
        return Err(e);
    }
    // It has come to its end, or the workers would not have.
    let read = reader.map_or(Ok(()), JoinHandle::join);
    read.unwrap_or_else(|panic| resume_unwind(panic));
    Ok(())
}

fn run_alone<H: Handle>(
    inputs: Inputs,
    mut worker: Worker<H>,
    mut consume: impl FnMut(Outcome<H::Out>) -> Result<(), Error>,
) -> Result<(), Error> {
    let numbering = Numbering::default();
    for (number, batch) in inputs.enumerate() {
        // Nothing only where another thread has failed, and here is none.
        if let Some(outcome) = work(&mut worker, number, batch, &numbering) {
            consume(outcome)?;
        }
    }
    Ok(())
}

/// What becomes of a batch. `None` if another thread has failed meanwhile.
fn work<H: Handle>(
    worker: &mut Worker<H>,
    number: usize,
    batch: Result<Batch, Error>,
    numbering: &Numbering,
) -> Option<Outcome<H::Out>> {
    match batch {
        Ok(batch) => worker.work(number, batch, numbering).transpose(),
        Err(e) => numbering.take(number, true, 0).map(|_| Err(e)),
    }
}

type Numbered<T> = (usize, T);

fn read(inputs: Inputs, feed: &Feed<Numbered<Result<Batch, Error>>>) {
    let _end = CloseAtEnd(feed);
    for item in inputs.enumerate() {
        if !feed.put(item) {
            return;
        }
    }
}

/// Also if reading panics nobody is to wait for ever.
struct CloseAtEnd<'f, T>(&'f Feed<T>);

impl<T> Drop for CloseAtEnd<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What the threads of a run share.
struct Run<'r, O, C> {
    /// `None` where a thread of its own reads.
    inputs: Option<Mutex<Enumerate<Inputs>>>,
    feed: &'r Feed<Numbered<Result<Batch, Error>>>,
    numbering: &'r Numbering,
    ready: Mutex<Ready<O>>,
    consumer: Mutex<Consumer<C>>,
}

/// Outcomes that have not been consumed.
struct Ready<O> {
    outcomes: BTreeMap<usize, Outcome<O>>,
    /// Which one is the next.
    next: usize,
}

enum Consumer<C> {
    Ready(C),
    Failed(Error),
}

impl<O: Send, C: FnMut(Outcome<O>) -> Result<(), Error>> Run<'_, O, C> {
    /// One worker: takes batches until there are no more, or it is told to stop.
    fn serve<H: Handle<Out = O>>(&self, mut worker: Worker<H>) {
        let _guard = StopOnPanic(self.feed, self.numbering);
        while let Some((number, batch)) = self.next_batch() {
            // Nothing: another thread has failed.
            let Some(outcome) = work(&mut worker, number, batch, self.numbering) else {
                break;
            };
            self.ready().outcomes.insert(number, outcome);
            self.consume();
        }
    }

    fn next_batch(&self) -> Option<Numbered<Result<Batch, Error>>> {
        let Some(inputs) = &self.inputs else {
            return self.feed.take();
        };
        if !self.feed.admit() {
            return None;
        }
        // An error: another thread has panicked.
        let next = lock_soon(inputs).ok().and_then(|mut inputs| inputs.next());
        if next.is_none() {
            self.feed.close();
        }
        next
    }

    fn ready(&self) -> MutexGuard<'_, Ready<O>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Consumes what is ready, in order, unless another thread is at it: that one looks again before it turns to other work.
    fn consume(&self) {
        while self.has_next()
            && let Ok(mut consumer) = self.consumer.try_lock()
            && let Consumer::Ready(consume) = &mut *consumer
        {
            while let Some(outcome) = self.next() {
                if let Err(e) = consume(outcome) {
                    *consumer = Consumer::Failed(e);
                    return stop(self.feed, self.numbering);
                }
                self.feed.done();
            }
        }
    }

    fn has_next(&self) -> bool {
        let ready = self.ready();
        ready.outcomes.contains_key(&ready.next)
    }

    fn next(&self) -> Option<Outcome<O>> {
        let mut ready = self.ready();
        let next = ready.next;
        let outcome = ready.outcomes.remove(&next)?;
        ready.next += 1;
        Some(outcome)
    }
}

/// Locks what others usually hold for some microseconds only. To sleep would cost more than to look again: the system may wake
/// a thread on the core of the one that wakes it, and leave it there behind that one while another core has nothing to do.
fn lock_soon<T>(mutex: &Mutex<T>) -> LockResult<MutexGuard<'_, T>> {
    for _ in 0..LOOKS {
        match mutex.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => thread::yield_now(),
        }
    }
    mutex.lock()
}

/// Lets all threads end soon.
fn stop<T>(feed: &Feed<T>, numbering: &Numbering) {
    feed.stop();
    numbering.abort();
}

/// Stops the other workers if this one panics.
struct StopOnPanic<'r, T>(&'r Feed<T>, &'r Numbering);

impl<T> Drop for StopOnPanic<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            stop(self.0, self.1);
        }
    }
}
