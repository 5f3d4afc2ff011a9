//! Ends instances on a thread of its own: joining, stopping and unmapping must not run in the module's code.

use std::ffi::c_void;
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};

use super::lane::Lane;
use super::library::Library;
use crate::service::hub::InstanceServices;

/// A module's state on its way to `stop`.
pub(crate) struct State(pub(crate) *mut c_void);

// SAFETY: a module's state may be used from any thread by contract.
unsafe impl Send for State {}

/// An instance whose last call has returned.
pub(crate) struct Ended {
    pub(crate) library: Library,
    pub(crate) services: Box<InstanceServices>,
    pub(crate) state: State,
}

enum Work {
    Join(Lane),
    End(Box<Ended>),
    Signal(Sender<()>),
}

static WORK: LazyLock<Sender<Work>> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    let run = move || receiver.into_iter().for_each(perform);
    if let Err(error) = std::thread::Builder::new()
        .name("reaper".to_owned())
        .spawn(run)
    {
        tracing::error!("the thread that ends modules could not be started: {error}");
    }
    sender
});

fn perform(work: Work) {
    match work {
        // A lane with lost threads would never be joined; its instance is not ended either.
        Work::Join(lane) if lane.lost() > 0 => std::mem::forget(lane),
        Work::Join(lane) => lane.close(),
        Work::End(ended) => {
            let Ended {
                library,
                services,
                state,
            } = *ended;
            // SAFETY: the last call has returned, and this runs once.
            unsafe { (library.table.stop)(state.0) };
            drop(services);
            library.close();
        }
        Work::Signal(done) => {
            let _ = done.send(());
        }
    }
}

/// Joins a lane's threads.
pub(crate) fn join(lane: Lane) {
    // The receiver lives as long as the process.
    let _ = WORK.send(Work::Join(lane));
}

/// Stops an instance and unmaps its library.
pub(crate) fn end(ended: Ended) {
    let _ = WORK.send(Work::End(Box::new(ended)));
}

/// Waits until everything that was handed over before has ended.
pub fn wait() {
    let (sender, receiver) = channel();
    if WORK.send(Work::Signal(sender)).is_ok() {
        let _ = receiver.recv();
    }
}
