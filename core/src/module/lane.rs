//! A module's own threads: a bounded queue, so that a slow module keeps nobody else waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use parking_lot::Mutex;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that are started when they are first needed, and end when the lane is closed.
pub struct Lane {
    name: String,
    limit: usize,
    queue: Mutex<Option<Sender<Job>>>,
    jobs: Receiver<Job>,
    state: Arc<State>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct State {
    started: AtomicUsize,
    idle: AtomicUsize,
    overdue: AtomicUsize,
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The queue is full, or every thread is lost in a call that never ends.
    Full,
    /// The lane is closed.
    Closed,
}

/// Marks a job that its caller has given up on, until it ends after all.
pub struct Overdue(Arc<State>);

impl Drop for Overdue {
    fn drop(&mut self) {
        self.0.overdue.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lane {
    /// A lane of at most `threads` threads and `queue` waiting jobs.
    pub fn new(name: &str, threads: usize, queue: usize) -> Self {
        let (sender, jobs) = bounded(queue.max(1));
        Lane {
            name: name.to_owned(),
            limit: threads.max(1),
            queue: Mutex::new(Some(sender)),
            jobs,
            state: Arc::default(),
            threads: Mutex::new(Vec::new()),
        }
    }

    /// Queues a job, starting a thread where none is idle and the limit allows one.
    pub fn submit(&self, job: Job) -> Result<(), Refused> {
        if self.lost() >= self.limit {
            return Err(Refused::Full);
        }
        let queue = self.queue.lock();
        let Some(sender) = queue.as_ref() else {
            return Err(Refused::Closed);
        };
        sender.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Disconnected(_) => Refused::Closed,
        })?;
        drop(queue);
        if self.state.idle.load(Ordering::Relaxed) < self.jobs.len() {
            self.start_thread();
        }
        Ok(())
    }

    fn start_thread(&self) {
        let room = |started: usize| (started < self.limit).then_some(started + 1);
        if self
            .state
            .started
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room)
            .is_err()
        {
            return;
        }
        let (jobs, state) = (self.jobs.clone(), Arc::clone(&self.state));
        let thread = std::thread::Builder::new()
            .name(self.name.clone())
            .spawn(move || run(&jobs, &state));
        match thread {
            Ok(thread) => self.threads.lock().push(thread),
            Err(error) => {
                self.state.started.fetch_sub(1, Ordering::Relaxed);
                tracing::error!(
                    "a thread for the calls of {} could not be started: {error}",
                    self.name
                );
            }
        }
    }

    /// Counts a running job as given up on, until the marker is dropped by its thread.
    pub fn mark_overdue(&self) -> Overdue {
        self.state.overdue.fetch_add(1, Ordering::Relaxed);
        Overdue(Arc::clone(&self.state))
    }

    /// How many threads are in calls that their callers have given up on.
    pub fn lost(&self) -> usize {
        self.state.overdue.load(Ordering::Relaxed)
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        self.jobs.len()
    }

    /// Takes no more jobs and waits until the threads have ended.
    pub fn close(&self) {
        self.queue.lock().take();
        for thread in self.threads.lock().drain(..) {
            // A job's panic is caught by the job; a thread that panicked all the same has nothing to tell.
            let _ = thread.join();
        }
    }
}

fn run(jobs: &Receiver<Job>, state: &State) {
    loop {
        state.idle.fetch_add(1, Ordering::Relaxed);
        let job = jobs.recv();
        state.idle.fetch_sub(1, Ordering::Relaxed);
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}
