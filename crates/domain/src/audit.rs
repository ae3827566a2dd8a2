//! Who did what, from where, and what it changed (docs/adr/0022).
//!
//! What people and their programs do is written down; what the engine does by itself is not: that is the ledger's and
//! the history's. Secrets never get here: values are masked before they are compared.

mod changes;
mod words;

pub use changes::{Change, Changes, bulk_changes, endpoint_changes, job_changes};
pub use words::{Action, ActorKind, TargetKind};

use crate::{
    clock::Timestamp,
    ids::{ApiKeyId, AuditId, BulkId, SessionId, UserId},
    run::Asker,
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use uuid::Uuid;

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of actor it is.
    pub kind: ActorKind,
    /// The user; `None` for somebody who is not known, or not to be named.
    pub user_id: Option<UserId>,
    /// The log-in or the API key.
    pub id: Option<Uuid>,
}

impl Actor {
    /// Nobody who is known.
    pub const ANONYMOUS: Self = Self {
        kind: ActorKind::Anonymous,
        user_id: None,
        id: None,
    };
    /// An administrator, to whom they did it to.
    pub const ADMINISTRATOR: Self = Self {
        kind: ActorKind::Administrator,
        user_id: None,
        id: None,
    };

    /// A person who is logged in.
    pub fn session(user_id: UserId, session_id: SessionId) -> Self {
        Self {
            kind: ActorKind::Session,
            user_id: Some(user_id),
            id: Some(session_id.as_uuid()),
        }
    }

    /// A program of a user.
    pub fn api_key(user_id: UserId, api_key_id: ApiKeyId) -> Self {
        Self {
            kind: ActorKind::ApiKey,
            user_id: Some(user_id),
            id: Some(api_key_id.as_uuid()),
        }
    }

    /// The same, as runs remember who asked for them: for what `owner` owns.
    pub fn asker(self, owner: UserId) -> Asker {
        let key = self.id.filter(|_| self.kind == ActorKind::ApiKey);
        Asker {
            user_id: self.user_id.unwrap_or(owner),
            api_key_id: key.map(ApiKeyId::from_uuid),
        }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The address of the client.
    pub ip: Option<String>,
    /// What it calls itself, at most 300 characters.
    pub user_agent: Option<String>,
    /// The id of the request, which the log of the server has too.
    pub request_id: Option<String>,
    /// The operation on many jobs that goes on with what the request asked for.
    pub bulk_id: Option<BulkId>,
}

/// Who asked for work that goes on in the background, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
}

/// For whom work is being done: known from the first byte of a request where it comes from, and once its token was read
/// who sent it.
#[derive(Debug, Default)]
pub struct Acting {
    /// Where the request came from.
    pub origin: Origin,
    actor: OnceLock<Actor>,
}

impl Acting {
    /// A request from there, of somebody who is not known yet.
    pub fn from(origin: Origin) -> Self {
        Self {
            origin,
            actor: OnceLock::new(),
        }
    }

    /// Says who it is; the first word counts.
    pub fn identify(&self, actor: Actor) {
        let _ = self.actor.set(actor);
    }

    /// Work that goes on when the request has long been answered.
    pub fn on_behalf_of(asked: Asked) -> Self {
        Self {
            origin: asked.origin,
            actor: asked.actor.into(),
        }
    }

    /// Who asks, and from where, to be kept for such work.
    pub fn asked(&self) -> Asked {
        Asked {
            actor: self.actor(),
            origin: self.origin.clone(),
        }
    }

    /// Who it is.
    pub fn actor(&self) -> Actor {
        self.actor.get().copied().unwrap_or(Actor::ANONYMOUS)
    }
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What kind of thing it is.
    pub kind: TargetKind,
    /// Its id.
    pub id: Uuid,
    /// What it was called then.
    pub name: Option<String>,
}

impl Target {
    /// A thing with its name, cut to 300 characters.
    pub fn new(kind: TargetKind, id: Uuid, name: Option<&str>) -> Self {
        Self {
            kind,
            id,
            name: name.map(|name| name.chars().take(300).collect()),
        }
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Whose log it belongs to.
    pub owner: UserId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// To what.
    pub target: Option<Target>,
    /// What it changed.
    pub changes: Changes,
}

impl Deed {
    /// Something that was done to a thing.
    pub fn new(owner: UserId, action: Action, target: Target, at: Timestamp) -> Self {
        Self {
            owner,
            at,
            action,
            target: Some(target),
            changes: Changes::default(),
        }
    }

    /// With what it changed.
    #[must_use]
    pub fn with(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// The entry of the log: with who did it, from where. What somebody else did to the owner is told without what is
    /// that person's own: who and where they are.
    pub fn by(self, actor: Actor, origin: Origin) -> NewEntry {
        let is_own = actor.user_id.is_none_or(|user_id| user_id == self.owner);
        NewEntry {
            actor: if is_own { actor } else { Actor::ADMINISTRATOR },
            origin: if is_own { origin } else { Origin::default() },
            deed: self,
        }
    }
}

/// An entry that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// What was done.
    pub deed: Deed,
    /// By whom.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub audit_id: AuditId,
    /// What it says.
    pub entry: NewEntry,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;

    fn ids() -> (UserId, UserId, SessionId) {
        let (now, random) = (Timestamp::UNIX_EPOCH, SeededRandom::new(5));
        (
            UserId::new(now, &random),
            UserId::new(now, &random),
            SessionId::new(now, &random),
        )
    }

    fn origin() -> Origin {
        Origin {
            ip: Some("192.0.2.1".to_owned()),
            ..Origin::default()
        }
    }

    fn deed(owner: UserId) -> Deed {
        let target = Target::new(TargetKind::User, owner.as_uuid(), Some("Ada"));
        Deed::new(owner, Action::UserChanged, target, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_first_word_about_who_it_is_counts() {
        let (ada, bob, session) = ids();
        let acting = Acting::from(origin());
        assert_eq!(acting.actor(), Actor::ANONYMOUS);
        acting.identify(Actor::session(ada, session));
        acting.identify(Actor::session(bob, session));
        assert_eq!(acting.actor(), Actor::session(ada, session));
    }

    #[test]
    fn work_that_goes_on_later_is_done_for_whoever_asked() {
        let (ada, _, session) = ids();
        let acting = Acting::from(origin());
        acting.identify(Actor::session(ada, session));
        let later = Acting::on_behalf_of(acting.asked());
        assert_eq!(
            (later.actor(), &later.origin),
            (Actor::session(ada, session), &origin())
        );
    }

    #[test]
    fn runs_remember_the_key_of_a_program_and_not_the_session_of_a_person() {
        let (ada, _, session) = ids();
        let key = ApiKeyId::new(Timestamp::UNIX_EPOCH, &SeededRandom::new(6));
        let by = |actor: Actor| actor.asker(ada);
        assert_eq!(by(Actor::session(ada, session)), ada.into());
        assert_eq!(by(Actor::api_key(ada, key)).api_key_id, Some(key));
        assert_eq!(by(Actor::ANONYMOUS), ada.into());
    }

    #[test]
    fn what_others_did_is_told_without_who_and_where_they_are() {
        let (ada, admin, session) = ids();
        let own = deed(ada).by(Actor::session(ada, session), origin());
        assert_eq!((own.actor.user_id, own.origin), (Some(ada), origin()));
        let others = deed(ada).by(Actor::session(admin, session), origin());
        assert_eq!((others.actor, others.origin), (Actor::ADMINISTRATOR, Origin::default()));
        let strangers = deed(ada).by(Actor::ANONYMOUS, origin());
        assert_eq!((strangers.actor, strangers.origin), (Actor::ANONYMOUS, origin()));
    }
}
