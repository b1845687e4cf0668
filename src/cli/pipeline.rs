//! Batches through threads, and out again in order, with bounded memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::numbering::Numbering;
use super::worker::{Done, Handle, Worker};
use crate::error::Error;
use crate::io::{Batch, Inputs};

/// How many batches are under way for each thread.
const BATCHES_PER_THREAD: usize = 3;
/// How long a worker waits for a batch before it looks whether it should stop.
const STOP_LATENCY: Duration = Duration::from_millis(50);

/// What became of a batch, or of an input that could not be read.
pub type Outcome<O> = Result<Done<O>, Error>;

/// Sends every batch of `inputs` through one of `threads` workers and hands the outcomes to `consume`, in the order
/// of the input. Stops early when `consume` fails.
///
/// # Errors
/// What `consume` fails with.
pub fn run<H: Handle>(
    inputs: Inputs,
    threads: usize,
    new_worker: impl Fn() -> Worker<H> + Sync,
    mut consume: impl FnMut(Outcome<H::Out>) -> Result<(), Error>,
) -> Result<(), Error> {
    if threads == 1 {
        return run_alone(inputs, new_worker(), consume);
    }
    let numbering = Numbering::default();
    let stop = AtomicBool::new(false);
    let (tickets, returned) = sync_channel::<()>(threads * BATCHES_PER_THREAD);
    let (feed, work) = channel();
    let (hand_in, results) = channel();
    let work = Mutex::new(work);
    // Not waited for at the end: it may hang on a standard input that nobody writes to any more.
    thread::spawn(move || read(inputs, &feed, &tickets));
    thread::scope(|scope| {
        let (work, numbering, stop, new_worker) = (&work, &numbering, &stop, &new_worker);
        for _ in 0..threads {
            let hand_in = hand_in.clone();
            scope.spawn(move || {
                let guard = StopOnPanic { numbering, stop };
                serve(work, &hand_in, numbering, stop, new_worker());
                drop(guard);
            });
        }
        drop(hand_in);
        let result = collect(results, returned, &mut consume);
        stop.store(true, Ordering::SeqCst);
        numbering.abort();
        result
    })
}

type Numbered<T> = (usize, T);
type Work = Mutex<Receiver<Numbered<Result<Batch, Error>>>>;

fn run_alone<H: Handle>(
    inputs: Inputs,
    mut worker: Worker<H>,
    mut consume: impl FnMut(Outcome<H::Out>) -> Result<(), Error>,
) -> Result<(), Error> {
    let numbering = Numbering::default();
    let mut number = 0;
    for batch in inputs {
        let outcome = match batch {
            Ok(batch) => {
                let done = worker.work(number, batch, &numbering)?;
                number += 1;
                // Nothing only where another thread has failed, and here is none.
                let Some(done) = done else { continue };
                Ok(done)
            }
            Err(e) => Err(e),
        };
        consume(outcome)?;
    }
    Ok(())
}

/// Reads batches as long as there are tickets.
fn read(inputs: Inputs, feed: &Sender<Numbered<Result<Batch, Error>>>, tickets: &SyncSender<()>) {
    for item in inputs.enumerate() {
        if tickets.send(()).is_err() || feed.send(item).is_err() {
            return;
        }
    }
}

/// One worker: takes batches until there are no more, or it is told to stop.
fn serve<H: Handle>(
    work: &Work,
    hand_in: &Sender<Numbered<Outcome<H::Out>>>,
    numbering: &Numbering,
    stop: &AtomicBool,
    mut worker: Worker<H>,
) {
    while let Some((number, batch)) = next_batch(work, stop) {
        let outcome = match batch {
            Ok(batch) => worker.work(number, batch, numbering).transpose(),
            Err(e) => numbering.take(number, true, 0).map(|_| Err(e)),
        };
        // Nothing: another thread has failed.
        let Some(outcome) = outcome else { return };
        if hand_in.send((number, outcome)).is_err() {
            return;
        }
    }
}

fn next_batch(work: &Work, stop: &AtomicBool) -> Option<Numbered<Result<Batch, Error>>> {
    while !stop.load(Ordering::SeqCst) {
        match work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(STOP_LATENCY)
        {
            Ok(next) => return Some(next),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}

/// Hands outcomes on in order.
fn collect<O>(
    results: Receiver<Numbered<Outcome<O>>>,
    returned: Receiver<()>,
    consume: &mut impl FnMut(Outcome<O>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, outcome) in results {
        waiting.insert(number, outcome);
        while let Some(outcome) = waiting.remove(&next) {
            next += 1;
            let _ = returned.try_recv();
            consume(outcome)?;
        }
    }
    Ok(())
}

/// Stops the other workers if this one panics.
struct StopOnPanic<'n> {
    numbering: &'n Numbering,
    stop: &'n AtomicBool,
}

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.stop.store(true, Ordering::SeqCst);
            self.numbering.abort();
        }
    }
}
