use super::{assert_refused, ready, world::World};
use crate::{
    error::{Refusal, StoreError},
    ids::UserId,
    user::{Role, User, UserStatus},
};

fn refused_code(result: Result<User, Refusal>) -> String {
    match result {
        Err(Refusal::Invalid(errors)) => errors[0].code.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn nobody_changes_their_own_role_or_status() {
    let mut world = World::new();
    let ada = world.ada(UserStatus::Active);
    world.users.expect_administer().never();
    let (accounts, ..) = world.accounts();
    for (role, status) in [
        (Some(Role::Customer), None),
        (None, Some(UserStatus::Deactivated)),
        (None, None),
    ] {
        let result = ready(accounts.administer(ada.user_id, ada.user_id, role, status));
        assert_eq!(refused_code(result), "own_account");
    }
}

#[test]
fn an_account_is_never_made_unverified() {
    let mut world = World::new();
    let ada = world.ada(UserStatus::Active);
    world.users.expect_administer().never();
    let (accounts, ..) = world.accounts();
    let admin = UserId::from_uuid(uuid::Uuid::nil());
    let result = ready(accounts.administer(admin, ada.user_id, None, Some(UserStatus::Unverified)));
    assert_eq!(refused_code(result), "not_allowed");
}

#[test]
fn an_unknown_account_is_not_found() {
    let (accounts, ..) = World::new().accounts();
    let [admin, other] = [0, 1].map(|id| UserId::from_uuid(uuid::Uuid::from_u128(id)));
    let result = ready(accounts.administer(admin, other, Some(Role::Admin), None));
    assert_refused!(result, Refusal::Store(StoreError::NotFound));
}

#[test]
fn deactivation_and_a_new_role_are_felt_at_once_and_nothing_else_is() {
    for (role, status, felt) in [
        (None, Some(UserStatus::Deactivated), true),
        (Some(Role::Admin), None, true),
        (Some(Role::Customer), Some(UserStatus::Active), false),
    ] {
        let mut world = World::new();
        let ada = world.ada(UserStatus::Active);
        let changed = User {
            role: role.unwrap_or(ada.role),
            status: status.unwrap_or(ada.status),
            ..ada.clone()
        };
        let answer = changed.clone();
        world
            .users
            .expect_administer()
            .withf(move |id, given_role, given_status, _| {
                (*id, *given_role, *given_status) == (ada.user_id, role, status)
            })
            .times(1)
            .returning(move |_, _, _, _| Ok(answer.clone()));
        let (accounts, diary, _) = world.accounts();
        let admin = UserId::from_uuid(uuid::Uuid::nil());
        assert_eq!(
            ready(accounts.administer(admin, ada.user_id, role, status)).unwrap(),
            changed
        );
        assert_eq!(
            diary.over_users.lock().unwrap().as_slice(),
            if felt { vec![ada.user_id] } else { vec![] }
        );
    }
}
