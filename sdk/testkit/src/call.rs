//! Calls and their answers, in the words of a test.

use loggia::app::House;
use loggia::endpoint::caller::Caller;
use loggia::endpoint::direct::{DirectCall, DirectRoute};
use loggia::fault::Fault;
use loggia::module::binding::Given;
use loggia::module::reply::Answer;
use loggia::service::identity::SessionSlot;
use serde_json::{Value, json};

/// What a call was answered with.
pub type Answered = Result<Answer, Fault>;

/// A call being put together.
pub struct TestCall<'h> {
    house: &'h House,
    call: DirectCall,
    uploads: Vec<tempfile::NamedTempFile>,
}

impl<'h> TestCall<'h> {
    pub(crate) fn new(house: &'h House, module: &str, action: &str, resource: &str) -> Self {
        let call = DirectCall {
            caller: guest(house),
            action: action.to_owned(),
            module: module.to_owned(),
            resource: resource.to_owned(),
            members: Vec::new(),
            base_url: "http://localhost/test".to_owned(),
            client_address: Some([192, 0, 2, 1].into()),
            headers: Vec::new(),
            session: std::sync::Arc::default(),
        };
        TestCall {
            house,
            call,
            uploads: Vec::new(),
        }
    }

    /// With a member: a text stands for a form's, anything else for a JSON body's.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let given = match value.into() {
            Value::String(text) => Given::Text(text),
            other => Given::Json(other),
        };
        self.call.members.push((name.to_owned(), given));
        self
    }

    /// With an uploaded file.
    #[must_use]
    pub fn with_file(mut self, name: &str, bytes: &[u8]) -> Self {
        use std::io::Write;
        let mut upload = self.house.files.upload().expect("an upload can be made");
        upload.write_all(bytes).expect("an upload can be written");
        let stored = upload
            .path()
            .file_name()
            .expect("an upload has a name")
            .to_string_lossy()
            .into_owned();
        self.call
            .members
            .push((name.to_owned(), Given::File(stored)));
        self.uploads.push(upload);
        self
    }

    /// As the operator at the command line.
    #[must_use]
    pub fn as_operator(mut self) -> Self {
        self.call.caller = Caller::operator();
        self
    }

    /// As somebody who is logged in, with the groups and view levels of his account.
    #[must_use]
    pub fn as_user(mut self, user: i64) -> Self {
        self.call.caller = caller(self.house, user);
        self
    }

    /// With the id of a session, as a client would send it: a guest where the session has ended.
    #[must_use]
    pub fn with_session(mut self, id: &str) -> Self {
        let found = self.house.identity.resolve(id);
        if let Some(session) = found.expect("sessions can be read") {
            self.call.caller = Caller::of(&session.principal);
            self.call.session = SessionSlot::new(Some(id.to_owned()));
        }
        self
    }

    /// With an API key that carries these scopes.
    #[must_use]
    pub fn with_key(mut self, key: i64, scopes: &[&str]) -> Self {
        self.call.caller.key = key;
        self.call.caller.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// On an endpoint that may show these fields of personal data of other people.
    #[must_use]
    pub fn shown(mut self, fields: &[&str]) -> Self {
        self.call.caller.personal_data = fields.iter().map(|&field| field.to_owned()).collect();
        self
    }

    /// From another client address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        self.call.client_address = Some(address.parse().expect("an address of the Internet"));
        self
    }

    /// With a header, its name in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.call.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Calls.
    pub fn send(self) -> Answered {
        self.house.dispatcher.direct(self.call)
    }

    /// Calls, and gives the answer as the envelope that a client would see.
    ///
    /// # Panics
    /// Where the answer is no JSON.
    pub fn json(self) -> Value {
        match self.send() {
            Ok(Answer::Members { json, .. }) => {
                let members: Value = serde_json::from_slice(&json).expect("the answer is JSON");
                let mut envelope = json!({ "status": "ok" });
                for (name, value) in members.as_object().expect("the answer is an object") {
                    envelope[name] = value.clone();
                }
                envelope
            }
            Ok(other) => panic!("the answer is no JSON: {other:?}"),
            Err(fault) => json!({
                "status": "ko", "error_code": fault.code, "error_description": fault.description(),
            }),
        }
    }

    /// Calls, and gives a header of the answer.
    ///
    /// # Panics
    /// Where the call fails.
    pub fn answer_header(self, name: &str) -> Option<String> {
        let headers = match self.send() {
            Ok(Answer::Members { headers, .. }) => headers,
            other => panic!("the answer has no members: {other:?}"),
        };
        let found = headers.into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    /// Calls, and gives the code of the fault.
    ///
    /// # Panics
    /// Where the call succeeds.
    pub fn fault(self) -> String {
        match self.send() {
            Ok(answer) => panic!("the call succeeded: {answer:?}"),
            Err(fault) => fault.code.into_owned(),
        }
    }
}

/// A request of a route being put together.
pub struct TestRoute<'h> {
    house: &'h House,
    route: DirectRoute,
}

impl<'h> TestRoute<'h> {
    pub(crate) fn new(house: &'h House, module: &str, method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let route = DirectRoute {
            caller: guest(house),
            method: method.to_owned(),
            module: module.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            base_url: "http://localhost/test".to_owned(),
        };
        TestRoute { house, route }
    }

    /// With a header, its name in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.route.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.route.body = bytes.to_vec();
        self
    }

    /// As somebody who is logged in.
    #[must_use]
    pub fn as_user(mut self, user: i64) -> Self {
        self.route.caller = caller(self.house, user);
        self
    }

    /// As the operator.
    #[must_use]
    pub fn as_operator(mut self) -> Self {
        self.route.caller = Caller::operator();
        self
    }

    /// With an API key that carries these scopes.
    #[must_use]
    pub fn with_key(mut self, key: i64, scopes: &[&str]) -> Self {
        self.route.caller.key = key;
        self.route.caller.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// Requests.
    pub fn send(self) -> Answered {
        self.house.dispatcher.direct_route(self.route)
    }

    /// Requests, and gives status and body as text.
    ///
    /// # Panics
    /// Where the answer is a file.
    pub fn text(self) -> (u16, String) {
        match self.send() {
            Ok(Answer::Bytes { status, body, .. }) => {
                (status, String::from_utf8_lossy(&body).into_owned())
            }
            Ok(other) => panic!("the answer is no body: {other:?}"),
            Err(fault) => (fault.status, fault.description().into_owned()),
        }
    }
}

/// A guest as the server makes one, also where the database does not answer.
fn guest(house: &House) -> Caller {
    let read = house.identity.guest();
    read.map_or_else(|_| Caller::nobody(), |guest| Caller::of(&guest))
}

fn caller(house: &House, user: i64) -> Caller {
    let found = house
        .identity
        .principal(user)
        .expect("accounts can be read");
    Caller::of(&found.expect("the account is there and not blocked"))
}
