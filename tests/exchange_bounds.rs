//! What does not fit into a datagram, and how far a lookup goes: S-16.
#![cfg(feature = "resolver")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

#[path = "support/asking.rs"]
mod asking;
#[path = "support/faults.rs"]
mod faults;

use std::time::Duration;

use asking::{ASKED, TOKEN, ask, ask_one, data, expect_failure, hasty_lookup_at, lookup_at, token};
use dcv::dns::{LookupFailure, MAX_RECORDS, ReplyMismatch};
use dcv::lookup::{Budget, Rate};
use faults::{Asked, FaultServer, Send, cname, name, txt};
use hickory_server::proto::op::{Message, ResponseCode};

// What does not fit into a datagram comes over TCP, bounded in time and size (S-16).
#[tokio::test]
async fn truncated_answers_are_had_over_tcp() {
    type Script = fn(&Asked) -> Vec<Send>;
    fn large(asked: &Asked) -> Message {
        let mut reply = asked.reply();
        reply.add_answers((0..40).map(|n| txt(ASKED, &[&[n; 200]])));
        reply
    }
    let server = FaultServer::start(|asked| {
        if asked.over_tcp {
            vec![Send::Message(large(asked))]
        } else {
            asked.truncated()
        }
    })
    .await;
    assert_eq!(data(&ask_one(&server).await.unwrap()).len(), 40);

    let cases: [(&str, Script, LookupFailure); 9] = [
        ("silent", |_| Vec::new(), LookupFailure::Truncated),
        (
            "drips",
            |asked| vec![Send::Drip(large(asked))],
            LookupFailure::Truncated,
        ),
        (
            "ends in the length",
            |asked| vec![Send::Cut(large(asked), 1)],
            LookupFailure::Truncated,
        ),
        (
            "ends early",
            |asked| vec![Send::Cut(large(asked), 900)],
            LookupFailure::Truncated,
        ),
        (
            "ends at once",
            |asked| vec![Send::Cut(large(asked), 0)],
            LookupFailure::Truncated,
        ),
        (
            "truncated again",
            Asked::truncated,
            LookupFailure::Truncated,
        ),
        (
            "wrong id",
            |asked| {
                let mut reply = large(asked);
                reply.metadata.id ^= 1;
                vec![Send::Message(reply)]
            },
            LookupFailure::Mismatch(ReplyMismatch::Id),
        ),
        (
            "wrong question",
            |asked| {
                let mut reply = large(asked);
                reply.queries[0].name = name("example.org");
                vec![Send::Message(reply)]
            },
            LookupFailure::Mismatch(ReplyMismatch::Question),
        ),
        (
            "garbage",
            |_| vec![Send::Octets(vec![0xff; 64])],
            LookupFailure::MalformedReply,
        ),
    ];
    for (what, script, expected) in cases {
        let server = FaultServer::start(move |asked| {
            if asked.over_tcp {
                script(asked)
            } else {
                asked.truncated()
            }
        })
        .await;
        expect_failure(what, server.addr(), &expected).await;
    }

    let without_tcp = FaultServer::start_without_tcp(Asked::truncated).await;
    assert_eq!(ask_one(&without_tcp).await, Err(LookupFailure::Truncated));
}

// S-16: the bound is on octets, not on how many strangers publish at a name: whatever a message can
// carry is read, in its order.
#[tokio::test]
async fn large_answers_are_bounded() {
    /// A message of records that name their owner in two octets, as servers write it.
    fn crowd(asked: &Asked, records: usize, octets: u8) -> Vec<Send> {
        let mut reply = asked.reply();
        reply.edns = None;
        let mut message = reply.to_vec().unwrap();
        let count = u16::try_from(records).unwrap();
        message[6..8].copy_from_slice(&count.to_be_bytes());
        for number in 0..records {
            let last = [b'z'; 255];
            let text = if number + 1 == records {
                last
            } else {
                [b'x'; 255]
            };
            // The name of the question, TXT, IN, a TTL, and the length of the data.
            message.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
            message.extend((u16::from(octets) + 1).to_be_bytes());
            message.push(octets);
            message.extend(&text[..octets.into()]);
        }
        assert!(message.len() <= usize::from(u16::MAX), "{}", message.len());
        vec![Send::Octets(message)]
    }
    async fn answer_of(records: usize, octets: u8) -> Vec<Vec<u8>> {
        let server = FaultServer::start(move |asked| {
            if asked.over_tcp {
                crowd(asked, records, octets)
            } else {
                asked.truncated()
            }
        })
        .await;
        data(&ask_one(&server).await.unwrap())
    }
    for (records, octets) in [
        (MAX_RECORDS, 1),
        (MAX_RECORDS + 1, 1),
        (1000, 20),
        // Nearly all that a TCP message can carry, in many records and in few.
        (4675, 1),
        (5035, 0),
        (244, 255),
    ] {
        let answer = answer_of(records, octets).await;
        assert_eq!(answer.len(), records);
        assert_eq!(answer.last().unwrap(), &vec![b'z'; octets.into()]);
    }
}

// S-16: what is compared with each other, such as addresses, is few.
#[tokio::test]
async fn records_of_other_types_are_bounded() {
    for (records, expected) in [
        (MAX_RECORDS, None),
        (MAX_RECORDS + 1, Some(LookupFailure::TooLarge)),
    ] {
        let server = FaultServer::start(move |asked| {
            if !asked.over_tcp {
                return asked.truncated();
            }
            asked.answer((0..records).map(|n| cname(ASKED, &format!("n{n}.example.net"))))
        })
        .await;
        // Where a CNAME leads has no answer here: what counts is how far it came.
        let failure = ask_one(&server).await.unwrap_err();
        assert_eq!(
            failure == LookupFailure::TooLarge,
            expected.is_some(),
            "{failure:?}"
        );
    }
}

// S-16: retries and TCP are counted, and nothing is sent beyond the budget.
#[tokio::test]
async fn queries_are_taken_from_the_budget() {
    let silent = FaultServer::start(|_| Vec::new()).await;
    let budget = Budget::new(1);
    let error = ask(&hasty_lookup_at(&[silent.addr()]), &budget)
        .await
        .unwrap_err();
    assert_eq!(error.failure(), &LookupFailure::BudgetExhausted);
    assert_eq!((silent.seen().len(), budget.spent()), (1, 1));

    let truncating = FaultServer::start(Asked::truncated).await;
    let error = ask(&lookup_at(&[truncating.addr()]), &Budget::new(1))
        .await
        .unwrap_err();
    assert_eq!(error.failure(), &LookupFailure::BudgetExhausted);
    assert_eq!(truncating.seen().len(), 1);

    let silent = FaultServer::start(|_| Vec::new()).await;
    let budget = Budget::default();
    ask(&hasty_lookup_at(&[silent.addr()]), &budget)
        .await
        .unwrap_err();
    assert_eq!((silent.seen().len(), budget.spent()), (2, 2));
}

// The other servers of a lookup stand in for one that fails; what one said outweighs silence.
#[tokio::test]
async fn servers_stand_in_for_each_other() {
    let good = FaultServer::start(token).await;
    let refusing = FaultServer::start(|asked| asked.refuse(ResponseCode::Refused)).await;
    let failing = FaultServer::start(|asked| asked.refuse(ResponseCode::ServFail)).await;
    let silent = FaultServer::start(|_| Vec::new()).await;

    let lookup = hasty_lookup_at(&[refusing.addr(), silent.addr(), good.addr()]);
    assert_eq!(
        data(&ask(&lookup, &Budget::default()).await.unwrap()),
        [TOKEN]
    );

    for servers in [
        [silent.addr(), failing.addr()],
        [failing.addr(), silent.addr()],
    ] {
        let error = ask(&hasty_lookup_at(&servers), &Budget::default())
            .await
            .unwrap_err();
        assert_eq!(error.failure(), &LookupFailure::server(2));
    }
    // Who has answered is not asked again.
    assert_eq!(failing.seen().len(), 2);
}

// S-16: a server is asked no more often than its rate allows, by all lookups together.
#[tokio::test]
async fn a_server_is_asked_at_its_rate() {
    let server = FaultServer::start(token).await;
    let rate = Rate::every(Duration::from_secs(3600)).with_burst(2);
    let lookup = lookup_at(&[server.addr()]).with_rate(rate);
    for _ in 0..2 {
        ask(&lookup.clone(), &Budget::default()).await.unwrap();
    }
    let budget = Budget::default();
    let refused = ask(&lookup, &budget).await.unwrap_err();
    assert_eq!(*refused.failure(), LookupFailure::Throttled);
    assert_eq!((server.seen().len(), budget.spent()), (2, 0));
}

// S-16: what is over the rate waits for its turn, and is counted as what goes out at once.
#[tokio::test]
async fn a_query_over_the_rate_waits() {
    let server = FaultServer::start(token).await;
    let rate = Rate::every(Duration::from_millis(10)).with_burst(2);
    let lookup = lookup_at(&[server.addr()]).with_rate(rate);
    let budget = Budget::default();
    let answers = futures_util::future::join_all((0..20).map(|_| ask(&lookup, &budget)));
    for answer in answers.await {
        assert_eq!(data(&answer.unwrap()), [TOKEN]);
    }
    assert_eq!((server.seen().len(), budget.spent()), (20, 20));
}

// S-16: a query that is not sent has taken nothing from the rate of its server.
#[tokio::test]
async fn what_is_not_sent_is_not_counted() {
    let server = FaultServer::start(token).await;
    let rate = Rate::every(Duration::from_secs(3600)).with_burst(2);
    let lookup = lookup_at(&[server.addr()]).with_rate(rate);
    for _ in 0..5 {
        let refused = ask(&lookup, &Budget::new(0)).await.unwrap_err();
        assert_eq!(*refused.failure(), LookupFailure::BudgetExhausted);
    }
    for _ in 0..2 {
        ask(&lookup, &Budget::default()).await.unwrap();
    }
    assert_eq!(server.seen().len(), 2);
}
