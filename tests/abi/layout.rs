//! What the Rust types say about every structure and constant of the boundary, by its name in C.

use core::mem::{offset_of, size_of};

use loggia_abi::{
    Host, HostAccounts, HostChannels, HostClock, HostDatabase, HostFiles, HostIdentity, HostKeys,
    HostLog, HostMail, HostPush, HostSearch, HostSettings, MAJOR, MINOR, Module, Pair, Reply,
    Request, Sink, Str, Stream, UNLOADABLE, Value, ValueData, code,
    host::{dialect, level},
    identity::by,
    reply::{stream_flags, stream_kind},
    request::flags,
    value::kind,
};

/// A C expression and the number it must have.
pub(crate) struct Entry {
    pub(crate) expression: String,
    pub(crate) value: i64,
}

impl Entry {
    fn new(expression: String, value: impl TryInto<i64>) -> Self {
        let Ok(value) = value.try_into() else {
            panic!("{expression} is out of range");
        };
        Entry { expression, value }
    }
}

/// The name of a member in C: its own, unless that is a keyword there.
macro_rules! name_in_c {
    ($member:ident) => {
        stringify!($member)
    };
    ($member:ident $name:ident) => {
        stringify!($name)
    };
}

/// Size, offsets, and that the members listed here are all there are: no structure has padding, so their
/// sizes add up to its own.
macro_rules! structure {
    ($c:ident, $rust:ty, $($member:ident $(= $name:ident)?),+) => {{
        let structure = stringify!($c);
        let members = [$(name_in_c!($member $($name)?)),+];
        let sum = members.map(|member| format!("sizeof((({structure} *)0)->{member})")).join(" + ");
        let mut entries = vec![
            Entry::new(format!("sizeof({structure})"), size_of::<$rust>()),
            Entry::new(sum, size_of::<$rust>()),
        ];
        $(entries.push(Entry::new(
            format!("offsetof({structure}, {})", name_in_c!($member $($name)?)),
            offset_of!($rust, $member),
        ));)+
        entries
    }};
}

macro_rules! constants {
    ($($name:ident = $value:expr),+ $(,)?) => {
        vec![$(Entry::new(stringify!($name).to_owned(), $value)),+]
    };
}

/// Every structure that crosses the boundary.
#[rustfmt::skip] // One structure a paragraph reads best.
pub(crate) fn structures() -> Vec<Entry> {
    [
        structure!(lg_str, Str<'_>, ptr, len),
        structure!(lg_value, Value<'_>, kind, of, data),
        structure!(lg_pair, Pair<'_>, name, value),
        structure!(
            lg_request, Request<'_>, size, operation, call, parameters, parameters_len, query, body,
            body_type, method, path, path_parameters, path_parameters_len, headers, headers_len,
            request_id, endpoint, base_url, client_address, user, key, groups, groups_len,
            view_levels, view_levels_len, flags, reserved, deadline_us, personal_data,
            personal_data_len
        ),
        structure!(lg_reply, Reply, size, status, context, write, header, send_file, fail, stream),
        structure!(
            lg_stream, Stream<'_>, size, kind, channel, member, protocol, since, flags, reserved
        ),
        structure!(lg_host, Host, size, minor, context, service),
        structure!(lg_sink, Sink, context, write),
        structure!(
            lg_host_database, HostDatabase, size, version, dialect, reserved, context, acquire,
            release, batch, begin, commit, rollback, execute, query, error
        ),
        structure!(lg_host_log, HostLog, size, version, context, enabled, write),
        structure!(lg_host_settings, HostSettings, size, version, json),
        structure!(lg_host_clock, HostClock, size, version, context, now_us, monotonic_us),
        structure!(lg_host_mail, HostMail, size, version, context, queue),
        structure!(
            lg_host_files, HostFiles, size, version, context, adopt, put, open, size_of, remove
        ),
        structure!(
            lg_host_identity, HostIdentity, size, version, context, find, authenticate, open_session,
            close_session, register = register_account, remind, reset, confirm_reset, activate, fields,
            change_password, change_profile
        ),
        structure!(lg_host_accounts, HostAccounts, size, version, context, list, hash, change),
        structure!(lg_host_search, HostSearch, size, version, context, change, find),
        structure!(
            lg_host_channels, HostChannels, size, version, context, publish, end, present, history
        ),
        structure!(
            lg_host_push,
            HostPush,
            size,
            version,
            context,
            wake,
            run,
            set_credentials
        ),
        structure!(lg_host_keys, HostKeys, size, version, context, count),
        structure!(
            lg_module, Module, size, major, minor, min_host_minor, flags, reserved, name, version,
            descriptor, start, handle, event, drain, stop
        ),
        union_members(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The members of the union all begin where it begins.
fn union_members() -> Vec<Entry> {
    let data = offset_of!(Value<'_>, data);
    [
        ("integer", offset_of!(ValueData<'_>, integer)),
        ("floating", offset_of!(ValueData<'_>, float)),
        ("text", offset_of!(ValueData<'_>, text)),
    ]
    .map(|(member, offset)| Entry::new(format!("offsetof(lg_value, data.{member})"), data + offset))
    .into()
}

/// Every constant of the boundary.
pub(crate) fn constants() -> Vec<Entry> {
    constants! {
        LG_MAJOR = MAJOR,
        LG_MINOR = MINOR,
        LG_OK = code::OK,
        LG_E_ARGUMENT = code::ARGUMENT,
        LG_E_ABI = code::ABI,
        LG_E_UNSUPPORTED = code::UNSUPPORTED,
        LG_E_BUSY = code::BUSY,
        LG_E_DEADLINE = code::DEADLINE,
        LG_E_DATABASE = code::DATABASE,
        LG_E_UNIQUE = code::UNIQUE,
        LG_E_LIMIT = code::LIMIT,
        LG_E_IO = code::IO,
        LG_E_NOT_FOUND = code::NOT_FOUND,
        LG_E_REFUSED = code::REFUSED,
        LG_E_PANIC = code::PANIC,
        LG_NULL = kind::NULL,
        LG_BOOL = kind::BOOL,
        LG_I16 = kind::I16,
        LG_I32 = kind::I32,
        LG_I64 = kind::I64,
        LG_F64 = kind::F64,
        LG_TEXT = kind::TEXT,
        LG_BYTES = kind::BYTES,
        LG_DATE = kind::DATE,
        LG_TIME = kind::TIME,
        LG_TIMESTAMP = kind::TIMESTAMP,
        LG_JSON = kind::JSON,
        LG_UUID = kind::UUID,
        LG_REQUEST_OPERATOR = flags::OPERATOR,
        LG_REQUEST_PRIVATE = flags::PRIVATE,
        LG_REQUEST_HEAD = flags::HEAD,
        LG_REQUEST_SCOPED = flags::SCOPED,
        LG_REQUEST_ROUTE_SCOPE = flags::ROUTE_SCOPE,
        LG_STREAM_WEBSOCKET = stream_kind::WEBSOCKET,
        LG_STREAM_EVENTS = stream_kind::EVENTS,
        LG_STREAM_REPLAY = stream_flags::REPLAY,
        LG_STREAM_ENVELOPE = stream_flags::ENVELOPE,
        LG_STREAM_POSITION = stream_flags::POSITION,
        LG_STREAM_TYPED = stream_flags::TYPED,
        LG_DIALECT_SQLITE = dialect::SQLITE,
        LG_DIALECT_POSTGRESQL = dialect::POSTGRESQL,
        LG_LEVEL_ERROR = level::ERROR,
        LG_LEVEL_WARN = level::WARN,
        LG_LEVEL_INFO = level::INFO,
        LG_LEVEL_DEBUG = level::DEBUG,
        LG_LEVEL_TRACE = level::TRACE,
        LG_BY_ID = by::ID,
        LG_BY_USERNAME = by::USERNAME,
        LG_BY_EMAIL = by::EMAIL,
        LG_MODULE_UNLOADABLE = UNLOADABLE,
    }
}
