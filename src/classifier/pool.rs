//! Many texts by several threads, for programs that have no pipeline of their own.
//!
//! Threads are started for a call and end with it, so the pool holds no state that a `fork` of the process could break.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{Classifier, Labeller};
use crate::error::Error;

/// A classifier with labellers that are kept from call to call: at most one for each thread that has ever worked at the
/// same time. Can be used by several threads at once.
///
/// ```
/// use std::sync::Arc;
/// use bayan::{Classifier, LabellerPool, classifier::Stop};
///
/// let pool = LabellerPool::new(Arc::new(Classifier::shipped()));
/// let texts = ["ونفت الوزارة صحة النبأ.", "وصل الوزير أمس."];
/// let given = pool.map(texts.len(), 2, |labeller, i| labeller.label(texts[i]).0.len(), &Stop::default()).unwrap();
/// assert_eq!(given, [1, 0]);
/// ```
#[derive(Debug)]
pub struct LabellerPool {
    classifier: Arc<Classifier>,
    idle: Mutex<Vec<Labeller<'static>>>,
}

/// A sign to stop, set by one thread and seen by those that work.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether to stop.
    #[inline]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl LabellerPool {
    /// A pool without labellers yet. The classifier is prepared ([`Classifier::prepare`]).
    pub fn new(classifier: Arc<Classifier>) -> Self {
        // A child of a process that forks while the index is being made would wait for it for ever.
        classifier.prepare();
        let idle = Mutex::new(Vec::new());
        Self { classifier, idle }
    }

    /// The classifier.
    pub fn classifier(&self) -> &Arc<Classifier> {
        &self.classifier
    }

    /// Does `tasks` pieces of work by `threads` threads, of which the calling one is the first (0: one for each core),
    /// and returns their results in order. `work` gets a labeller and the number of the task. No task is begun after
    /// `stop` was asked for; a long one had better look at it too, and return anything.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `stop` was asked for.
    ///
    /// # Panics
    /// If `work` does: with its panic, after all threads have ended.
    pub fn map<T: Send>(
        &self,
        tasks: usize,
        threads: usize,
        work: impl Fn(&mut Labeller<'static>, usize) -> T + Sync,
        stop: &Stop,
    ) -> Result<Vec<T>, Error> {
        let next = AtomicUsize::new(0);
        let serve = || {
            let mut labeller = self.take();
            let mut done = Vec::new();
            loop {
                let task = next.fetch_add(1, Ordering::Relaxed);
                if task >= tasks || stop.is_asked() {
                    // Not reached after a panic: then the labeller may hold anything.
                    self.give_back(labeller);
                    return done;
                }
                done.push((task, work(&mut labeller, task)));
            }
        };
        let mut done = thread::scope(|scope| {
            let helpers: Vec<_> = (1..thread_count(threads).min(tasks))
                .map(|_| scope.spawn(serve))
                .collect();
            let mut done = serve();
            for helper in helpers {
                done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            done
        });
        if stop.is_asked() {
            return Err(Error::Interrupted);
        }
        done.sort_unstable_by_key(|&(task, _)| task);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }

    /// Does one piece of work on the calling thread.
    pub fn one<T>(&self, work: impl FnOnce(&mut Labeller<'static>) -> T) -> T {
        let mut labeller = self.take();
        let result = work(&mut labeller);
        self.give_back(labeller);
        result
    }

    /// A labeller, warm if one is idle. A lock that is held does not matter (it may have been held while the process
    /// forked, and then for ever): a new labeller does as well.
    fn take(&self) -> Labeller<'static> {
        let idle = self.idle.try_lock().ok().and_then(|mut idle| idle.pop());
        idle.unwrap_or_else(|| Labeller::shared(self.classifier.clone()))
    }

    fn give_back(&self, mut labeller: Labeller<'static>) {
        labeller.rest();
        if let Ok(mut idle) = self.idle.try_lock() {
            idle.push(labeller);
        }
    }
}

/// The number of threads that is asked for; 0 means one for each core, but not more than [`MAX_THREADS`].
pub fn thread_count(asked: usize) -> usize {
    match asked {
        0 => thread::available_parallelism().map_or(1, |n| n.get().min(MAX_THREADS)),
        n => n,
    }
}

/// More threads would only wait for memory, and each holds a labeller.
pub const MAX_THREADS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> LabellerPool {
        LabellerPool::new(Arc::new(Classifier::shipped()))
    }

    #[test]
    fn results_come_in_order_and_equal_those_of_one_labeller() {
        let pool = pool();
        let texts: Vec<String> = (0..300)
            .map(|i| format!("ونفت الوزارة مقتل {i} جنود، وتوعدت بالرد."))
            .collect();
        let classifier = pool.classifier().clone();
        let mut labeller = classifier.labeller();
        let expected: Vec<Vec<f64>> = texts.iter().map(|t| labeller.label(t).1.to_vec()).collect();
        for threads in [1, 2, 5] {
            let got = pool.map(
                texts.len(),
                threads,
                |l, i| l.label(&texts[i]).1.to_vec(),
                &Stop::default(),
            );
            assert_eq!(got.unwrap(), expected, "{threads} threads");
        }
        let idle = pool.idle.lock().unwrap().len();
        assert!((1..=5).contains(&idle), "{idle} labellers are kept");
        assert_eq!(pool.map(0, 2, |_, i| i, &Stop::default()).unwrap(), Vec::<usize>::new());
    }

    #[test]
    fn work_ends_when_it_is_asked_to() {
        let stop = Stop::default();
        let seen = AtomicUsize::new(0);
        let work = |_: &mut Labeller<'static>, task: usize| {
            seen.fetch_add(1, Ordering::Relaxed);
            if task == 10 {
                stop.ask();
            }
        };
        let result = pool().map(1000, 1, work, &stop);
        assert!(matches!(result, Err(Error::Interrupted)), "{result:?}");
        assert_eq!(seen.into_inner(), 11);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let pool = pool();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.map(50, 2, |_, i| assert!(i != 20, "task {i}"), &Stop::default())
        }));
        let message = panic.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("task 20"), "{message}");
        assert_eq!(pool.map(3, 2, |_, i| i, &Stop::default()).unwrap(), [0, 1, 2]);
    }
}
