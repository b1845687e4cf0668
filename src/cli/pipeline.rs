//! Batches through threads, and out again in order, with bounded memory.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::numbering::Numbering;
use super::worker::{Done, Worker};
use crate::error::Error;
use crate::io::{Batch, Inputs};

/// How many batches are under way for each thread.
const BATCHES_PER_THREAD: usize = 3;

/// What became of a batch, or of an input that could not be read.
pub type Outcome = Result<Done, Error>;

/// Sends every batch of `inputs` through one of `threads` workers and hands the outcomes to `consume`, in the order
/// of the input. Stops early when `consume` fails or returns `false`.
///
/// # Errors
/// What `consume` fails with.
pub fn run<'a>(
    inputs: Inputs,
    threads: usize,
    new_worker: impl Fn() -> Worker<'a> + Sync,
    mut consume: impl FnMut(Outcome) -> Result<bool, Error>,
) -> Result<(), Error> {
    if threads == 1 {
        return run_alone(inputs, new_worker(), consume);
    }
    let numbering = Numbering::default();
    let (tickets, returned) = sync_channel::<()>(threads * BATCHES_PER_THREAD);
    let (feed, work) = channel();
    let (hand_in, results) = channel();
    let work = Mutex::new(work);
    thread::scope(|scope| {
        let (work, numbering, new_worker) = (&work, &numbering, &new_worker);
        scope.spawn(move || read(inputs, &feed, &tickets));
        for _ in 0..threads {
            let hand_in = hand_in.clone();
            scope.spawn(move || serve(work, &hand_in, numbering, new_worker()));
        }
        drop(hand_in);
        // Takes its ends of the queues along when it returns: then the reader stops, and after it the workers.
        let result = collect(results, returned, &mut consume);
        numbering.abort();
        result
    })
}

type Numbered<T> = (usize, T);

fn run_alone(
    inputs: Inputs,
    mut worker: Worker<'_>,
    mut consume: impl FnMut(Outcome) -> Result<bool, Error>,
) -> Result<(), Error> {
    let numbering = Numbering::default();
    let mut number = 0;
    for batch in inputs {
        let outcome = match batch {
            Ok(batch) => {
                let done = worker.work(number, batch, &numbering)?;
                number += 1;
                Ok(done.unwrap_or_default())
            }
            Err(e) => Err(e),
        };
        if !consume(outcome)? {
            break;
        }
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

/// One worker: takes batches until there are no more.
fn serve(
    work: &Mutex<Receiver<Numbered<Result<Batch, Error>>>>,
    hand_in: &Sender<Numbered<Outcome>>,
    numbering: &Numbering,
    mut worker: Worker<'_>,
) {
    let guard = AbortOnPanic(numbering);
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, batch)) = next else { break };
        let outcome = match batch {
            Ok(batch) => match worker.work(number, batch, numbering) {
                Ok(Some(done)) => Ok(done),
                Ok(None) => break,
                Err(e) => Err(e),
            },
            Err(e) => {
                if numbering.take(number, true, 0).is_none() {
                    break;
                }
                Err(e)
            }
        };
        if hand_in.send((number, outcome)).is_err() {
            break;
        }
    }
    drop(guard);
}

/// Hands outcomes on in order.
fn collect(
    results: Receiver<Numbered<Outcome>>,
    returned: Receiver<()>,
    consume: &mut impl FnMut(Outcome) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, outcome) in results {
        waiting.insert(number, outcome);
        while let Some(outcome) = waiting.remove(&next) {
            next += 1;
            let _ = returned.try_recv();
            if !consume(outcome)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Releases the other workers if this one panics.
struct AbortOnPanic<'n>(&'n Numbering);

impl Drop for AbortOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.abort();
        }
    }
}
