//! Accounts in the hands of administrators.

use super::Accounts;
use crate::{
    error::Refusal,
    ids::UserId,
    user::{Role, User, UserStatus},
    validate::FieldError,
};

impl Accounts {
    /// Changes role or status of an account. Nobody changes their own, so that there is always an administrator left.
    pub async fn administer(
        &self,
        admin: UserId,
        user_id: UserId,
        role: Option<Role>,
        status: Option<UserStatus>,
    ) -> Result<User, Refusal> {
        if status == Some(UserStatus::Unverified) {
            let message = "an account cannot be made unverified; use Active or Deactivated";
            return Err(FieldError::new("/status", "not_allowed", message).into());
        }
        let before = self.users.find(user_id).await?;
        if user_id == admin {
            let message = "administrators cannot change their own role or status; ask another administrator";
            return Err(FieldError::new("", "own_account", message).into());
        }
        let now = self.clock.now();
        let user = self.users.administer(user_id, role, status, now).await?;
        if !user.is_active() || user.role != before.role {
            // A role lives in cached principals; they must be read anew.
            self.watch.sessions_of_user_ended(user_id);
        }
        Ok(user)
    }
}
