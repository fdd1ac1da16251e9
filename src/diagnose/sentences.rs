//! What is said about each code in English.
//!
//! What was seen comes first, then what to change: never whose fault it is. Values and names that
//! may be hidden from a user (S-17) stand in optional parts.

use super::Code;

pub(super) struct Sentences {
    pub(super) title: &'static str,
    pub(super) seen: &'static str,
    pub(super) why: &'static str,
    pub(super) change: &'static str,
}

const fn say(
    title: &'static str,
    seen: &'static str,
    why: &'static str,
    change: &'static str,
) -> Sentences {
    Sentences {
        title,
        seen,
        why,
        change,
    }
}

#[allow(clippy::too_many_lines, reason = "one arm for each code")]
pub(super) const fn of(code: Code) -> Sentences {
    match code {
        Code::NotPublished => say(
            "The record is not there yet",
            "There is no {type} record with the value at {owner}.[ Records of others at this \
             name: {others}.]",
            "",
            "Add the record where the DNS of {zone} is managed[, that is at {provider}].[ It is \
             served by {servers}.][ If you have added it just now, wait: resolvers may remember \
             for {negative_ttl} that it was not there.]",
        ),
        Code::ZoneNameDoubled => say(
            "The domain is in the record's name twice",
            "The record has to be at {owner}[, but is at {found}].",
            "Your DNS provider adds {zone} to whatever is in the host field, and the field had it \
             already.",
            "Change the record's name: put only {host} into the host field.",
        ),
        Code::RecordAtApex => say(
            "The record is at the domain itself",
            "The record has to be at {owner}[, but is at {found}].",
            "",
            "Change the record's name: put {host} into the host field, which was left empty or \
             holds an @.",
        ),
        Code::RecordAtWrongName => say(
            "The record has the wrong name",
            "The record has to be at {owner}[, but is at {found}].",
            "",
            "Change the record's name: put {host} into the host field, with every underscore and \
             hyphen.",
        ),
        Code::WrongRecordType => say(
            "The record has the wrong type",
            "At {owner} there is no record of the type {type}, but one of the type {types}.[ It \
             is an alias whose target spells the value: {target}.]",
            "",
            "Choose {type} as the type of the record. An alias (CNAME) at the same name has to be \
             deleted: no other record can stand beside it.",
        ),
        Code::QuotesInValue => say(
            "There are quotation marks in the value",
            "The value[ at {found}] has quotation marks as part of it[: {data}, where \\\\034 \
             is a quotation mark].",
            "Zone files have values in quotation marks; the forms of most DNS providers do not.",
            "Enter the value again, without quotation marks.",
        ),
        Code::SurroundingWhitespace => say(
            "There is white space around the value",
            "The value[ at {found}] begins or ends with a space, a tab or a line break[: {data}, \
             where \\\\009 is a tab and \\\\010 a line break].",
            "",
            "Enter the value again, with nothing before or after it.",
        ),
        Code::InvisibleCharacters => say(
            "There are invisible characters in the value",
            "The value[ at {found}] has characters in it that cannot be seen[: {characters}].[ We \
             got {data}, where each of them is shown as numbers.]",
            "They come along when text is copied from a web page, a chat or a document.",
            "Delete the whole value before you enter it again; copy it from plain text, or type \
             it.",
        ),
        Code::CaseChanged => say(
            "Capital and small letters of the value were changed",
            "The value[ at {found}] has the right letters, but capital ones instead of small \
             ones, or the other way round[: {data}].",
            "Some forms and text editors change the letters.",
            "Enter the value exactly, with capital and small letters as they are.",
        ),
        Code::ValueTruncated => say(
            "Only the beginning of the value is there",
            "The value[ at {found}] ends too early[: {length} of {expected} characters are \
             there].[ We got {data}.]",
            "It was not copied as a whole, or the form cuts what is long.",
            "Enter the whole value.",
        ),
        Code::ExtraText => say(
            "There is more than the value in the record",
            "The record[ at {found}] holds the value together with other text[: {data}].",
            "",
            "Enter the value and nothing else: no name, no type, no text in front of it.",
        ),
        Code::SplitValueMangled => say(
            "There are blanks inside the value",
            "The value[ at {found}] is right but for blanks in it[: {data}].",
            "It was split into parts that were joined with blanks, or a line break was copied.",
            "Enter the value in one piece, without blanks and line breaks.",
        ),
        Code::StaleToken => say(
            "The value is from an earlier request",
            "The value[ at {found}] is the one that was issued to you at {issued_at}[: {data}]. \
             It is not accepted any more.",
            "",
            "Replace it by the value of this request.",
        ),
        Code::TokenForOtherDomain => say(
            "The value belongs to another domain or scope",
            "The value[ at {found}] was issued to you at {issued_at} for {other}, scope {scope}[: \
             {data}].",
            "",
            "Replace it by the value of this request: each domain, and each scope of it, has its \
             own.",
        ),
        Code::OtherAccountToken => say(
            "The value was issued to another account",
            "The value[ at {found}] was issued by this service to another account[: {data}].",
            "Somebody else verifies the same domain, or one person has two accounts. The user is \
             told only that there is another value.",
            "Ask the user to add the right value. Both records can stand at the same name.",
        ),
        Code::UnknownToken => say(
            "The record has another value",
            "The record[ at {found}] does not have the value that we look for[: {data}].",
            "",
            "Change it to the right value. If it belongs to something else, leave it and add a \
             second record: several {type} records can stand at the same name.",
        ),
        Code::NegativeCached => say(
            "The record is published, and not known everywhere yet",
            "The name servers of {zone} have the record. Resolvers still say that it is not \
             there[ ({holders} of those that we ask)].",
            "Somebody asked for it before it was there, and that answer is kept for a while.",
            "Nothing: leave the record as it is. The old answer is forgotten by {until}, in \
             {left} at most.",
        ),
        Code::NameserversDisagree => say(
            "Some name servers do not have the record yet",
            "Some name servers have the record[ ({have})], and others do not[ ({lack})].[ The \
             newest copy of the zone has the serial number {newest}[, the oldest {oldest}].]",
            "",
            "Most often nothing: the copies follow within minutes. If this goes on for an hour, \
             ask whoever runs the others why they do not take over the zone.",
        ),
        Code::WrongProvider => say(
            "The record is not where the domain's DNS is",
            "{zone} is delegated to other name servers[, which belong to {provider}][: \
             {servers}].[ The change was made at {edited}.][ The record is at {elsewhere}, which \
             nobody asks.]",
            "",
            "Add the record[ at {provider},] where these name servers get the zone from. If \
             {zone} was meant to be served elsewhere, change its name servers at the registrar \
             instead.",
        ),
        Code::CnameAtOwner => say(
            "An alias hides the record",
            "{owner} is an alias (CNAME)[ of {target}][, which leads to {other}]. Whoever asks \
             for the record is sent there, and finds no such record.",
            "Beside an alias no other record of the same name is seen.",
            "Delete the alias at {owner}, then add the record. If the alias has to stay, add the \
             record at the name where it ends instead.",
        ),
        Code::CnameDangling => say(
            "An alias leads to a name that does not exist",
            "{owner} is an alias (CNAME), and what it leads to does not exist[: {target}][, by \
             way of {via}].",
            "",
            "Delete the alias at {owner}, then add the record. If the alias has to stay, add the \
             record at the name where it ends instead.",
        ),
        Code::CnameLoop => say(
            "The aliases never end",
            "The aliases (CNAME) that begin at {owner} lead in a circle, or through too many \
             names[: {chain}].",
            "",
            "Delete the alias at {owner}, then add the record.",
        ),
        Code::WildcardSynthesised => say(
            "A wildcard answers in place of the record",
            "The answer for {owner} comes from a wildcard[, {wildcard}]: names that nobody made \
             have the same answer, so it proves nothing.",
            "",
            "Add the record at {owner} itself, and take its value away from the wildcard.",
        ),
        Code::FlattenedCname => say(
            "The alias was replaced by addresses",
            "At {owner} there are addresses in place of the alias (CNAME)[ of {target}].",
            "The DNS provider follows the alias itself: it flattens it, or puts a proxy in front.",
            "Switch that off for this record: the setting is often called DNS only.",
        ),
        Code::LameDelegation => say(
            "A name server does not serve the domain",
            "{zone} is delegated to name servers that do not answer for it[ ({lame})][: \
             {failure}].[ Answers came from {fine}.]",
            "",
            "Set {zone} up at these name servers, or take them off the domain's name servers at \
             the registrar.",
        ),
        Code::DnssecBogus => say(
            "The domain's DNSSEC is broken",
            "Whoever checks the signatures of {zone} does not accept its records[: {failure}].",
            "Resolvers that check DNSSEC give nobody any record of the domain until it is mended.",
            "Have the zone signed again; or remove its DS record at the registrar, until it is \
             mended. Leave our record as it is.",
        ),
        Code::ServerFailure => say(
            "The servers answer with an error",
            "We asked for {owner}[, which leads to {at}]: {failure}.",
            "",
            "Leave the record as it is. If this goes on, ask whoever runs the name servers of \
             {zone}.",
        ),
        Code::Refused => say(
            "The servers refuse to answer",
            "We asked for {owner}[, which leads to {at}]: {failure}.",
            "",
            "Leave the record as it is. If this goes on, ask whoever runs the name servers of \
             {zone} whether they serve the domain to everybody.",
        ),
        Code::Timeout => say(
            "The servers do not answer in time",
            "We asked for {owner}[, which leads to {at}]: {failure}.",
            "",
            "Leave the record as it is. If this goes on, ask whoever runs the name servers of \
             {zone} whether they are up, and whether something blocks questions to them.",
        ),
        Code::AnswerFiltered => say(
            "A resolver filters the name",
            "Resolvers that block {owner}, or make up answers for it: {perspectives}.[ One of \
             them said: {failure}.]",
            "Such resolvers block domains that are on a list of harmful or unwanted ones.",
            "Leave the record as it is. If this goes on, find out on which list {zone} is, and \
             ask to have it taken off.",
        ),
        Code::WrongZone => say(
            "A server answers for another zone",
            "Answers that deny the record come from another zone[, {shown}], which cannot know it: \
             {count} of them.[ We asked for {at}, where {owner} leads.]",
            "A name server has one zone in place of another, or only a part of the domain.",
            "Leave the record as it is. If this goes on, ask whoever runs the name servers of \
             {zone} to set up that zone itself on each of them.",
        ),
        Code::TruncatedNoTcp => say(
            "The answer is too large",
            "We asked for {owner}[, which leads to {at}]: {failure}.",
            "Large answers need TCP, and something keeps it from the name servers.",
            "Delete {type} records at this name that are not needed any more, and let the name \
             servers of {zone} answer over TCP, port 53.",
        ),
        Code::AnswerTooLarge => say(
            "The answer is more than we read",
            "We asked for {owner}[, which leads to {at}]: {failure}.",
            "There are more records at this name than an answer should have, or more signatures \
             and keys than it takes to check one.",
            "Delete {type} records at this name that are not needed any more. If {zone} is signed, \
             have whoever signs it look at how that is done.",
        ),
        Code::DomainNotDelegated => say(
            "The domain is not in the DNS",
            "The servers of {parent} say that {registrable} does not exist.",
            "It is not registered, or has expired, or is on hold, or is so new that it is not in \
             the DNS yet.",
            "Check how the domain is spelt. Then check at the registrar that it is registered, \
             paid for, and has name servers.",
        ),
        Code::SplitHorizon => say(
            "The record may be visible inside your network only",
            "The public DNS has no such record at {owner}.[ It is seen by {inside}.]",
            "Many networks have a private copy of their domain, which nobody outside sees.",
            "Check that the record was added to the public zone {zone}.",
        ),
        Code::ChallengeExpired => say(
            "The request has expired",
            "The record had to be there by {expired_at}.[ It is right, but was first seen at \
             {seen_at}.][ By our clock that is over: a look from {closes_at} on closes the request.]",
            "",
            "Have the request reissued, and publish the new value. This one is not accepted any \
             more.",
        ),
        Code::ChallengeClosed => say(
            "The request is closed",
            "The request was cancelled or replaced by another, and is not looked at any more.",
            "",
            "Go on with the newest request, or make a new one.",
        ),
        Code::ProofEnded => say(
            "The proof has ended",
            "Control was proven once. Since {ended_at} that does not count any more.",
            "",
            "Ask for a new value and publish that. This one is not accepted any more.",
        ),
        Code::RecordRemoved => say(
            "The record was removed",
            "The record at {owner} proved control and was last seen at {confirmed_at}. It is not \
             there any more.",
            "",
            "Add it again, and leave it there for as long as the domain is in use here.",
        ),
        Code::DomainRefused => say(
            "This domain cannot be verified",
            "The domain of {owner} is refused: {reason}.",
            "",
            "Choose a domain that is registered to you, or a name below it.",
        ),
        Code::UnknownFormat => say(
            "The mistake is ours, not yours",
            "We cannot read records in the form in which we asked for this one.",
            "",
            "Nothing: leave the record as it is. We have to mend this.[ Operators: the format \
             {format} is missing among those of the rules.]",
        ),
        Code::Undetermined => say(
            "We cannot say what is wrong",
            "We asked {tried} questions, and found none of the mistakes that can be seen from \
             outside.",
            "",
            "Compare the record with what it has to be, character by character. If it is right, \
             wait for the next look.",
        ),
    }
}
