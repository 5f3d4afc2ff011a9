//! Forwards `tracing` events and panics to the host's log, with the request they belong to.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::panic::PanicHookInfo;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

use loggia_abi::host::level;
use loggia_abi::{Call, HostLog, Str};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// The log table of the youngest instance of this library; null when none lives.
static HOST_LOG: AtomicPtr<HostLog> = AtomicPtr::new(ptr::null_mut());

static HOOK: Once = Once::new();

thread_local! {
    /// The call this thread answers. A pointer has no destructor, so that it does not keep the library mapped.
    static CURRENT: Cell<*mut Call> = const { Cell::new(ptr::null_mut()) };
    /// Whether this thread is inside the module, so that its panics are the host's to log.
    static ANSWERING: Cell<bool> = const { Cell::new(false) };
}

/// Points this library's log at an instance's host.
pub(crate) fn attach(log: &'static HostLog) {
    HOST_LOG.store(ptr::from_ref(log).cast_mut(), Ordering::Release);
    // A second instance of the same mapping finds the subscriber set, which is as it should be.
    let _ = tracing::dispatcher::set_global_default(tracing::Dispatch::new(Forward));
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if ANSWERING.get() {
                report(info);
            } else {
                before(info);
            }
        }));
    });
}

/// Frees what outlives every instance, when the library is unmapped.
pub(crate) fn end() {
    if HOOK.is_completed() {
        drop(std::panic::take_hook());
    }
}

/// Forgets an instance's host, unless a younger one took its place.
pub(crate) fn detach(log: &'static HostLog) {
    let log = ptr::from_ref(log).cast_mut();
    let _ = HOST_LOG.compare_exchange(log, ptr::null_mut(), Ordering::AcqRel, Ordering::Relaxed);
}

/// Runs a call's work with its lines marked as that call's.
pub(crate) fn during<T>(call: *mut Call, work: impl FnOnce() -> T) -> T {
    struct Restore(*mut Call, bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
            ANSWERING.set(self.1);
        }
    }
    let _restore = Restore(CURRENT.replace(call), ANSWERING.replace(true));
    work()
}

/// Writes one line to the host, if an instance lives.
pub(crate) fn write(level: u32, message: &str) {
    let log = HOST_LOG.load(Ordering::Acquire);
    // SAFETY: `detach` clears the pointer before the host's table ends.
    if let Some(log) = unsafe { log.as_ref() } {
        // SAFETY: the call handle is this thread's current one or null, the text is copied by the host.
        unsafe { (log.write)(log.context, CURRENT.get(), level, Str::new(message)) };
    }
}

/// A panic's payload is shown only where it is a constant of the source: a formatted one may hold anything.
fn report(info: &PanicHookInfo<'_>) {
    let text = info
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("(formatted message withheld)");
    let place = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    write(level::ERROR, &format!("panic{place}: {text}"));
}

struct Forward;

fn level_of(level: Level) -> u32 {
    match level {
        Level::ERROR => level::ERROR,
        Level::WARN => level::WARN,
        Level::INFO => level::INFO,
        Level::DEBUG => level::DEBUG,
        Level::TRACE => level::TRACE,
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = if field.name() == "message" {
            let rest = std::mem::take(&mut self.0);
            write!(self.0, "{value:?}{rest}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}

impl Subscriber for Forward {
    // The host is asked each time, because its level may change; and not here, because `tracing` holds a lock
    // that a host in the same binary needs.
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let log = HOST_LOG.load(Ordering::Acquire);
        // SAFETY: as in `write`.
        unsafe { log.as_ref() }.is_some_and(
            |log| unsafe { (log.enabled)(log.context, level_of(*metadata.level())) } != 0,
        )
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        write(level_of(*event.metadata().level()), &line.0);
    }

    // Spans carry nothing that the host's own span of the request does not say.
    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _span: &Id, _values: &Record<'_>) {}
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}
