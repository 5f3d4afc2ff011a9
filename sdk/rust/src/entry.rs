//! The C functions behind a module's table: every body is one guarded closure.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use loggia_abi as abi;
use loggia_abi::host::level;
use loggia_abi::{Reply, Request, Str, code};

use crate::answer::Outgoing;
use crate::call::Call;
use crate::description::{Description, Finished};
use crate::host::Host;
use crate::log;
use crate::module::Module;

/// What an exported module type knows of its own table; implemented by [`loggia_module!`](crate::loggia_module).
#[doc(hidden)]
pub trait Export: Module {
    /// The one place that holds the table.
    fn exported() -> &'static Exported<Self>;
}

/// The table of one exported module, made at the first question for it and freed when the library ends.
pub struct Exported<M: Module> {
    table: AtomicPtr<Table<M>>,
    instances: AtomicUsize,
}

struct Table<M: Module> {
    abi: abi::Module,
    finished: Finished<M>,
}

struct Instance<M: Module> {
    module: M,
    host: Host,
    finished: *const Finished<M>,
}

impl<M: Module> Exported<M> {
    /// Nothing yet.
    #[expect(
        clippy::new_without_default,
        reason = "only the macro makes one, in a constant"
    )]
    pub const fn new() -> Self {
        Exported {
            table: AtomicPtr::new(ptr::null_mut()),
            instances: AtomicUsize::new(0),
        }
    }
}

impl<M: Export> Exported<M> {
    /// The table, or null where the description panics.
    pub fn table(&'static self) -> *const abi::Module {
        let known = self.table.load(Ordering::Acquire);
        if !known.is_null() {
            // SAFETY: the table is freed only by `free`, when the library ends.
            return unsafe { &raw const (*known).abi };
        }
        let Ok(made) = catch_unwind(|| Box::into_raw(Table::<M>::new())) else {
            return ptr::null();
        };
        match self.table.compare_exchange(
            ptr::null_mut(),
            made,
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            // SAFETY: as above.
            Ok(_) => unsafe { &raw const (*made).abi },
            Err(winner) => {
                // SAFETY: this table lost the race and nobody else has seen it; the winner's is as above.
                unsafe {
                    drop(Box::from_raw(made));
                    &raw const (*winner).abi
                }
            }
        }
    }

    /// Frees the table when the library is unmapped, unless an instance still lives.
    pub fn free(&'static self) {
        if self.instances.load(Ordering::Acquire) == 0 {
            let table = self.table.swap(ptr::null_mut(), Ordering::AcqRel);
            if !table.is_null() {
                log::end();
                // SAFETY: the pointer came from `Box::into_raw` and was taken out of the only place that held it.
                drop(unsafe { Box::from_raw(table) });
            }
        }
    }
}

impl<M: Export> Table<M> {
    fn new() -> Box<Self> {
        let finished = Description::<M>::new().finish();
        // SAFETY: the text's heap bytes do not move with the box and live as long as it.
        let descriptor: Str<'static> =
            unsafe { std::mem::transmute(Str::new(&finished.descriptor)) };
        Box::new(Table {
            abi: Trampoline::<M>::table(descriptor),
            finished,
        })
    }
}

struct Trampoline<M>(PhantomData<M>);

impl<M: Export> Trampoline<M> {
    fn table(descriptor: Str<'static>) -> abi::Module {
        abi::Module {
            size: u32::try_from(size_of::<abi::Module>()).unwrap_or(0),
            major: abi::MAJOR,
            minor: abi::MINOR,
            min_host_minor: 0,
            flags: abi::UNLOADABLE,
            reserved: 0,
            name: Str::new(M::NAME),
            version: Str::new(M::VERSION),
            descriptor,
            start: Self::start,
            handle: Self::handle,
            event: Some(Self::event),
            drain: Some(Self::drain),
            stop: Self::stop,
        }
    }

    unsafe extern "C" fn start(host: *const abi::Host, state: *mut *mut c_void) -> i32 {
        // SAFETY: the host passes its table, valid until `stop`.
        let Some(host) = (unsafe { Host::new(host) }) else {
            return code::UNSUPPORTED;
        };
        log::attach(host.log());
        let mut started = None;
        let result = log::during(ptr::null_mut(), || {
            guarded(|| match instance::<M>(host) {
                Ok(module) => {
                    started = Some(module);
                    code::OK
                }
                Err(reason) => {
                    log::write(level::ERROR, &reason);
                    code::REFUSED
                }
            })
        });
        let Some(module) = started else {
            log::detach(host.log());
            return result;
        };
        let exported = M::exported();
        exported.instances.fetch_add(1, Ordering::AcqRel);
        // SAFETY: the table exists, since this function was read out of it, and outlives every instance.
        let finished = unsafe { &raw const (*exported.table.load(Ordering::Acquire)).finished };
        // SAFETY: the host passes a place for the state.
        unsafe {
            *state = Box::into_raw(Box::new(Instance {
                module,
                host,
                finished,
            }))
            .cast();
        };
        code::OK
    }

    unsafe extern "C" fn handle(
        state: *mut c_void,
        request: *const Request<'_>,
        reply: *mut Reply,
    ) -> i32 {
        // SAFETY: the host passes the state that `start` gave, a request and a reply that live during this call.
        let (instance, request, reply) =
            unsafe { (&*state.cast::<Instance<M>>(), &*request, &mut *reply) };
        log::during(request.call, || {
            guarded(|| {
                let index = request.operation as usize;
                // SAFETY: the table outlives every instance.
                let finished = unsafe { &*instance.finished };
                let Some(handler) = finished.handlers.get(index) else {
                    return code::UNSUPPORTED;
                };
                // SAFETY: what the request points at lives during this call.
                let call = unsafe { Call::new(request, &instance.host, finished.route(index)) };
                let mut out = Outgoing::new(reply);
                if let Err(fault) = handler(&instance.module, &call, &mut out) {
                    out.fail(&fault);
                }
                code::OK
            })
        })
    }

    unsafe extern "C" fn event(
        state: *mut c_void,
        call: *mut abi::Call,
        topic: Str<'_>,
        json: Str<'_>,
    ) -> i32 {
        // SAFETY: the host passes the state that `start` gave and texts that live during this call.
        let (instance, topic, json) =
            unsafe { (&*state.cast::<Instance<M>>(), topic.text(), json.text()) };
        let (Some(topic), Some(json)) = (topic, json) else {
            return code::ARGUMENT;
        };
        log::during(call, || {
            guarded(|| {
                instance.module.event(topic, json);
                code::OK
            })
        })
    }

    unsafe extern "C" fn drain(state: *mut c_void) {
        // SAFETY: the host passes the state that `start` gave.
        let instance = unsafe { &*state.cast::<Instance<M>>() };
        guarded(|| {
            instance.module.drain();
            code::OK
        });
    }

    unsafe extern "C" fn stop(state: *mut c_void) {
        guarded(|| {
            // SAFETY: the host passes the state that `start` gave, once, after the last `handle`.
            let instance = unsafe { Box::from_raw(state.cast::<Instance<M>>()) };
            let log = instance.host.log();
            drop(instance);
            log::detach(log);
            M::exported().instances.fetch_sub(1, Ordering::AcqRel);
            code::OK
        });
    }
}

fn instance<M: Module>(host: Host) -> Result<M, String> {
    let settings =
        serde_json::from_str(host.settings()).map_err(|error| format!("settings: {error}"))?;
    M::start(host, settings).map_err(|error| error.0)
}

/// Runs a body that must not unwind into the host. The panic itself was logged by the hook.
fn guarded(body: impl FnOnce() -> i32) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => {
            // A payload whose own destructor panics must not get out either; forgetting it is the smaller loss.
            std::mem::forget(payload);
            code::PANIC
        }
    }
}
