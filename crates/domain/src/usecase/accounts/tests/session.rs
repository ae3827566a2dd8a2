use super::{
    assert_refused, ready,
    world::{FORMER_KEY, PRESENT_KEY, World},
};
use crate::{
    clock::{Clock, random_bytes},
    error::{Refusal, StoreError},
    ids::SessionId,
    mail::{Message, Recipient},
    ports::LiveSession,
    session::{EndReason, SESSION_IDLE, Session},
    user::{Role, UserStatus},
};
use chrono::TimeDelta;

fn session(world: &World) -> Session {
    let now = world.clock.now();
    Session {
        session_id: SessionId::new(now, &*world.random),
        user_id: world.ada(UserStatus::Active).user_id,
        nonce: random_bytes(&*world.random),
        generation: 0,
        rotated_at: now,
        grace_used: false,
        created_at: now,
        last_used_at: now,
        expires_at: now + SESSION_IDLE,
        user_agent: None,
        ip: None,
    }
}

/// The store holds this session (at the next look).
fn holds(world: &mut World, session: &Session) {
    let live = LiveSession {
        session: session.clone(),
        role: Role::Customer,
    };
    world
        .sessions
        .expect_find_live()
        .withf({
            let id = session.session_id;
            move |asked, _| *asked == id
        })
        .times(1)
        .returning(move |_, _| Ok(Some(live.clone())));
}

#[test]
fn the_current_token_is_answered_with_its_successor() {
    let mut world = World::new();
    let first = session(&world);
    holds(&mut world, &first);
    world
        .sessions
        .expect_rotate()
        .withf(|rotated| rotated.generation == 1)
        .times(1)
        .returning(|_| Ok(true));
    let (accounts, ..) = world.accounts();
    let logged_in = ready(accounts.refresh(&first.refresh_token(&PRESENT_KEY))).unwrap();
    assert_eq!(logged_in.session.generation, 1);
    assert_eq!(logged_in.refresh_token, logged_in.session.refresh_token(&PRESENT_KEY));
    assert_eq!(logged_in.user.user_id, first.user_id);
}

#[test]
fn a_token_made_before_the_secret_changed_is_answered_with_one_of_the_present_secret() {
    let mut world = World::new();
    let first = session(&world);
    holds(&mut world, &first);
    world.sessions.expect_rotate().times(1).returning(|_| Ok(true));
    let (accounts, ..) = world.accounts();
    let logged_in = ready(accounts.refresh(&first.refresh_token(&FORMER_KEY))).unwrap();
    assert_eq!(logged_in.refresh_token, logged_in.session.refresh_token(&PRESENT_KEY));
}

#[test]
fn a_lost_answer_is_given_once_more_within_the_grace() {
    let mut world = World::new();
    let first = session(&world);
    let second = first.rotated(world.clock.now());
    holds(&mut world, &second);
    world
        .sessions
        .expect_use_grace()
        .withf(|_, generation| *generation == 1)
        .times(1)
        .returning(|_, _| Ok(true));
    world.sessions.expect_rotate().never();
    let (accounts, diary, clock) = world.accounts();
    clock.advance(TimeDelta::seconds(10));
    let again = ready(accounts.refresh(&first.refresh_token(&PRESENT_KEY))).unwrap();
    assert_eq!(again.refresh_token, second.refresh_token(&PRESENT_KEY));
    assert_eq!(diary.posted(), []);
}

#[test]
fn an_old_token_used_again_ends_the_session_and_tells_its_owner() {
    for (grace_used, later) in [(true, 0), (false, 11)] {
        let mut world = World::new();
        let first = session(&world);
        let second = Session {
            grace_used,
            ..first.rotated(world.clock.now())
        };
        holds(&mut world, &second);
        world
            .sessions
            .expect_end()
            .withf({
                let (user, id) = (first.user_id, first.session_id);
                move |owner, ended, reason, _| (*owner, *ended, *reason) == (user, id, EndReason::TokenReused)
            })
            .times(1)
            .returning(|_, _, _, _| Ok(()));
        let (accounts, diary, clock) = world.accounts();
        clock.advance(TimeDelta::seconds(later));
        let result = ready(accounts.refresh(&first.refresh_token(&PRESENT_KEY)));
        assert_refused!(result, Refusal::Unauthenticated);
        assert_eq!(*diary.over_sessions.lock().unwrap(), [first.session_id]);
        let posted = diary.posted();
        assert!(
            matches!(
                posted.as_slice(),
                [(Recipient::Email(_), Message::SessionRevoked { .. })]
            ),
            "{posted:?}"
        );
    }
}

#[test]
fn a_reused_session_that_somebody_else_has_ended_is_not_told_twice() {
    let mut world = World::new();
    let first = session(&world);
    let third = first.rotated(world.clock.now()).rotated(world.clock.now());
    holds(&mut world, &third);
    world
        .sessions
        .expect_end()
        .returning(|_, _, _, _| Err(StoreError::NotFound));
    let (accounts, diary, _) = world.accounts();
    let result = ready(accounts.refresh(&first.refresh_token(&PRESENT_KEY)));
    assert_refused!(result, Refusal::Unauthenticated);
    assert_eq!(diary.posted(), []);
}

#[test]
fn a_forged_token_changes_nothing() {
    let mut world = World::new();
    let first = session(&world);
    holds(&mut world, &first);
    world.sessions.expect_end().never();
    world.sessions.expect_rotate().never();
    world.sessions.expect_use_grace().never();
    let (accounts, diary, _) = world.accounts();
    let result = ready(accounts.refresh(&first.refresh_token(&[9; 32])));
    assert_refused!(result, Refusal::Unauthenticated);
    assert!(diary.over_sessions.lock().unwrap().is_empty());
    assert_eq!(diary.posted(), []);
}

#[test]
fn garbage_and_sessions_that_are_over_are_refused_alike() {
    let mut world = World::new();
    let first = session(&world);
    world.sessions.expect_find_live().times(1).returning(|_, _| Ok(None));
    let (accounts, ..) = world.accounts();
    for token in ["", "a.b.c", &first.refresh_token(&PRESENT_KEY)] {
        assert_refused!(ready(accounts.refresh(token)), Refusal::Unauthenticated);
    }
}

#[test]
fn a_lost_rotation_is_judged_anew_and_gets_what_the_winner_got() {
    let mut world = World::new();
    let first = session(&world);
    let second = first.rotated(world.clock.now());
    holds(&mut world, &first);
    holds(&mut world, &second);
    world.sessions.expect_rotate().times(1).returning(|_| Ok(false));
    world.sessions.expect_use_grace().times(1).returning(|_, _| Ok(true));
    let (accounts, ..) = world.accounts();
    let logged_in = ready(accounts.refresh(&first.refresh_token(&PRESENT_KEY))).unwrap();
    assert_eq!(logged_in.refresh_token, second.refresh_token(&PRESENT_KEY));
}

#[test]
fn of_two_that_want_the_grace_only_one_gets_it() {
    let mut world = World::new();
    let first = session(&world);
    let second = first.rotated(world.clock.now());
    holds(&mut world, &second);
    holds(
        &mut world,
        &Session {
            grace_used: true,
            ..second
        },
    );
    world.sessions.expect_use_grace().times(1).returning(|_, _| Ok(false));
    world.sessions.expect_end().times(1).returning(|_, _, _, _| Ok(()));
    let (accounts, ..) = world.accounts();
    let result = ready(accounts.refresh(&first.refresh_token(&PRESENT_KEY)));
    assert_refused!(result, Refusal::Unauthenticated);
}

#[test]
fn logging_out_and_ending_another_session_differ_in_the_reason_only() {
    for (reason, logs_out) in [(EndReason::LoggedOut, true), (EndReason::EndedByUser, false)] {
        let mut world = World::new();
        let first = session(&world);
        world
            .sessions
            .expect_end()
            .withf(move |_, _, given, _| *given == reason)
            .times(1)
            .returning(|_, _, _, _| Ok(()));
        let (accounts, diary, _) = world.accounts();
        let (user, id) = (first.user_id, first.session_id);
        if logs_out {
            ready(accounts.log_out(user, id)).unwrap();
        } else {
            ready(accounts.end_session(user, id)).unwrap();
        }
        assert_eq!(*diary.over_sessions.lock().unwrap(), [id]);
    }
}

#[test]
fn the_end_of_a_foreign_session_is_not_announced() {
    let mut world = World::new();
    let first = session(&world);
    world
        .sessions
        .expect_end()
        .returning(|_, _, _, _| Err(StoreError::NotFound));
    let (accounts, diary, _) = world.accounts();
    let result = ready(accounts.end_session(first.user_id, first.session_id));
    assert_refused!(result, Refusal::Store(StoreError::NotFound));
    assert!(diary.over_sessions.lock().unwrap().is_empty());
}
