//! Who calls: a guest, an account, a key, or the operator at the command line.

use std::sync::{Arc, LazyLock};

use loggia_abi::request::flags;

use crate::fault::{Fault, Req};
use crate::module::descriptor::{Operation, OperationAccess, Route};
use crate::service::identity::Principal;

/// The group that everybody is in and the view level that everybody has, as in Joomla.
static PUBLIC: LazyLock<Arc<[i64]>> = LazyLock::new(|| [1].into());

/// What a client proves itself with.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'r> {
    /// The key of the `Authorization` header.
    pub header_key: Option<&'r str>,
    /// The session of the cookie.
    pub cookie_session: Option<&'r str>,
    /// The token that proves that a page of this site holds the session.
    pub proof: Option<&'r str>,
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account; 0 is nobody.
    pub user: i64,
    /// Its groups.
    pub groups: Arc<[i64]>,
    /// The view levels it may see.
    pub view_levels: Arc<[i64]>,
    /// The key's record; 0 is none.
    pub key: i64,
    /// The scopes of the key.
    pub scopes: Arc<[String]>,
    /// The fields of personal data that he may be shown of other people, where no endpoint says it.
    pub personal_data: Arc<[String]>,
    /// Whether the call comes from the command line.
    pub is_operator: bool,
    /// Whether the session came by cookie, so that another site's page could have sent it.
    pub has_cookie_session: bool,
}

impl Caller {
    /// Nobody, with what everybody has. What the site lets guests see besides, the identity service knows.
    pub fn nobody() -> Self {
        Caller {
            user: 0,
            groups: Arc::clone(&PUBLIC),
            view_levels: Arc::clone(&PUBLIC),
            key: 0,
            scopes: Arc::default(),
            personal_data: Arc::default(),
            is_operator: false,
            has_cookie_session: false,
        }
    }

    /// Somebody with an account, or a guest.
    pub fn of(principal: &Principal) -> Self {
        Caller {
            user: principal.user,
            groups: Arc::clone(&principal.groups),
            view_levels: Arc::clone(&principal.view_levels),
            ..Caller::nobody()
        }
    }

    /// The operator.
    pub fn operator() -> Self {
        Caller {
            is_operator: true,
            ..Caller::nobody()
        }
    }

    /// Whether the caller may call an operation, its endpoint having admitted him.
    pub fn may_call(&self, operation: &Operation) -> Result<(), Fault> {
        if self.is_operator {
            return Ok(());
        }
        match operation.access {
            OperationAccess::Key if self.key == 0 => return Err(Req::KeyRequired.fault()),
            OperationAccess::User if self.user == 0 => {
                return Err(Req::AuthenticationRequired.fault());
            }
            // An account needs no scope: the module looks at its own permissions.
            OperationAccess::Member if self.key == 0 => {
                return match self.user {
                    0 => Err(Req::AuthenticationRequired.fault()),
                    _ => Ok(()),
                };
            }
            _ => {}
        }
        match &operation.scope {
            Some(_) if self.key == 0 => Err(Req::KeyRequired.fault()),
            Some(scope) if !self.has_scope(scope) => Err(Req::KeyNotEnabled
                .fault()
                .detail(format!("it lacks the scope {scope}"))),
            _ => Ok(()),
        }
    }

    /// Whether the caller's key carries the scope that an operation asks for.
    pub fn is_scoped(&self, operation: &Operation) -> bool {
        let scope = operation.scope.as_deref();
        self.key != 0 && scope.is_some_and(|scope| self.has_scope(scope))
    }

    /// The scopes of a route that the caller's key carries, as bits of a request's flags.
    pub fn route_scopes(&self, route: &Route) -> u32 {
        if self.key == 0 {
            return 0;
        }
        let carried = route
            .scopes
            .iter()
            .zip(0..)
            .filter(|(scope, _)| self.has_scope(scope));
        carried.fold(0, |bits, (_, place)| bits | flags::ROUTE_SCOPE << place)
    }

    fn has_scope(&self, wanted: &str) -> bool {
        self.scopes
            .iter()
            .any(|scope| scope == "*" || scope == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_told_which_of_its_scopes_a_key_carries() {
        let route: Route = serde_json::from_str(
            r#"{"method":"POST","path":"/push","scopes":["push.send","push.broadcast"]}"#,
        )
        .expect("a route");
        let told = |key: i64, scopes: &[&str]| {
            let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let caller = Caller {
                key,
                scopes,
                ..Caller::nobody()
            };
            caller.route_scopes(&route) / flags::ROUTE_SCOPE
        };
        assert_eq!(told(1, &["push.broadcast"]), 0b10);
        assert_eq!(told(1, &["*"]), 0b11);
        assert_eq!(told(1, &["push"]), 0);
        assert_eq!(told(0, &["*"]), 0, "without a key nobody carries any");
    }
}
