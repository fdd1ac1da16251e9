//! The written form, as it is seen.

use dcv::dns::{
    Alias, Answer, ExtendedError, LookupFailure, NameServer, Outcome, Purpose, Question,
};
use dcv::name::OwnerName;
use dcv::transcript::Transcript;
use serde_json::Value;

use crate::cases::{absent, asked, challenge, id, now, saw};
use crate::{investigation, single};

// S-4: a change of the form shows here, and wants another version
#[test]
fn the_form_is_stable() {
    let challenge = challenge();
    let who = id("one");
    let name = |text: &str| OwnerName::parse(text).unwrap();
    let records = ["v=spf1 include:_spf.example.net -all", "token=anothers"];
    let server = NameServer::new(name("example.com"), name("ns1.example.com"))
        .with_address("192.0.2.1:53".parse().unwrap())
        .with_serial(7);
    let alias = Alias::new(challenge.owner().clone(), name("t.example.net"), 30);
    let failure = LookupFailure::Server {
        rcode: 2,
        extended: vec![ExtendedError::new(22, b"no reach")],
    };
    let question = Question::txt(name("example.com"));
    let seen = vec![
        saw(&who, &challenge, Ok(Answer::txt(records))),
        saw(&who, &challenge, absent("example.com")).with_server(server),
        saw(
            &who,
            &challenge,
            Ok(Answer::new(Outcome::Elsewhere).with_aliases(vec![alias])),
        ),
        asked(&who, question.clone(), Purpose::Diagnosis, Err(failure)),
        asked(&who, question, Purpose::Unchecked, Ok(Answer::txt(records))),
    ];
    let whole = investigation(&challenge, &single(), seen).with_next_check_at(Some(now()));
    let json = Transcript::of(&whole).unwrap().to_json();
    let pretty: Value = serde_json::from_str(&json).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    let pretty = pretty.replace(env!("CARGO_PKG_VERSION"), "(this version)");
    insta::assert_snapshot!(pretty);
}
