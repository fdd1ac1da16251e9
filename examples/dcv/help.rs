//! What `--help` says, of the program and of each command.

pub(crate) const ABOUT: &str = "\
Proves control over a domain by a TXT record in its DNS.

Usage: dcv issue DOMAIN --provider NAME --account ID --store FILE [OPTION]...
       dcv check ID --store FILE [OPTION]...
       dcv replay FILE [--json]
       dcv COMMAND --help
       dcv --version

Exit status: 0 validated (issue: 0), 1 unproven or rejected, 2 indeterminate,
             3 wrong usage, bad input, or a store that cannot be used
";

pub(crate) const ISSUE: &str = "\
Issues a challenge: says which record the owner of a domain has to publish.
While a challenge for the same is open, that one is given again.

Usage: dcv issue DOMAIN --provider NAME --account ID --store FILE
                 [--scope SCOPE] [--syntax SYNTAX] [--format FORMAT] [--reissue]

  DOMAIN            the domain; *.example.com asks for the scope wildcard
  --provider NAME   who asks: the record goes to _NAME-challenge.DOMAIN
  --account ID      whom the proof is for
  --store FILE      where challenges are kept (JSON; created when missing)
  --scope SCOPE     host: the name itself (default); wildcard: the names one
                    label below it; domain: the name and everything below it
  --syntax SYNTAX   space (default), or legacy-comma for draft revision -04
  --format FORMAT   text (default), markdown, html (a whole page), json (one
                    object), or zone (the line of a zone file alone)
  --json            the same as --format json
  --reissue         issue a new one in place of the open one, which is cancelled
";

pub(crate) const CHECK: &str = "\
Looks for the record of a challenge, and says whether control is proven.

Usage: dcv check ID --store FILE [--server [NAME@]IP[:PORT]]... [--authoritative]
                 [--explain] [--transcript FILE] [--json]
                 [--hint-published] [--edited-at PROVIDER]
                 [--ask RANGE]... [--ask-port PORT]

  ID                of the challenge, as `dcv issue` printed it
  --store FILE      where challenges are kept
  --server ADDRESS  ask this DNS server, a resolver or one of the zone's own;
                    IPv4 or IPv6, with a port as 192.0.2.1:53 or [2001:db8::1]:53.
                    One alone decides; of several, more than half must agree.
                    Addresses of one public resolver, of one /24 or of one /48
                    count as one server; where they are not, say who runs each:
                    NAME@ADDRESS
                    Without any: three public resolvers and the zone's own
                    name servers, of which three must agree
  --authoritative   ask the zone's own name servers too, found from the root of
                    the DNS: without them nothing is proven then
  --explain         when it is not proven, find out why, and say what to change.
                    This asks the DNS some more questions: of the first --server,
                    and of the zone's own name servers as that one names them
  --transcript FILE write down all that was seen, for `dcv replay`: with the
                    token, and for your eyes only. What FILE held is replaced
  --json            print one JSON object

What is known and the DNS cannot show, for --explain:

  --hint-published  the user says that the record is published
  --edited-at NAME  the user made the change at this DNS provider

In a network of one's own:

  --ask RANGE       ask name servers at these addresses too, such as 10.0.0.0/8;
                    without, at those of the public Internet only
  --ask-port PORT   ask name servers at this port instead of 53

Exit status: 0 validated, 1 unproven or rejected, 2 indeterminate,
             3 wrong usage, bad input, or a store that cannot be used; or the
               transcript cannot be written: the result is printed all the same
";

pub(crate) const REPLAY: &str = "\
Decides and explains again what a transcript holds, without asking anybody.
It proves nothing.

Usage: dcv replay FILE [--json]

  FILE              as `dcv check --transcript` wrote it
  --json            print one JSON object

Exit status: 0 validated, 1 unproven or rejected, 2 indeterminate,
             3 wrong usage, or a file that cannot be read
";
