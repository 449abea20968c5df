/* limits.h - every ceiling, and why it is where it is.
 *
 * Limits of the grammars (an id of 32 characters, a label of 63 octets) stand
 * with their parsers; here is what we decided. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* clang-format off */
enum {
	/* Memory of one domain's check. A good domain takes some 60 KB; 100 MX
	 * hosts with four certificates each take 4 MB. */
	LIMIT_CHECK_MEMORY	= 16 * 1024 * 1024,

	/* Memory of one address's probe: four chains of certificates. */
	LIMIT_PROBE_MEMORY	= 512 * 1024,

	/* RFC 8461 3.3 suggests 64 KB for a policy; the reading as 65,536
	 * octets accepts what either reading publishes. */
	LIMIT_POLICY_BYTES	= 65536,

	/* What is kept of an answer that is no policy, for the person who has
	 * to find out which server said it. */
	LIMIT_HTTP_EXCERPT	= 2048,
	LIMIT_HTTP_HEADERS	= 32 * 1024, /* as most servers do */

	/* RFC 8461 3.3 suggests a minute for the GET. */
	LIMIT_FETCH_MS		= 60 * 1000,

	/* RFC 5321 4.5.3.1.5: a reply line is 512 octets. Real servers exceed
	 * it; beyond this nobody talks SMTP any more. */
	LIMIT_SMTP_LINE		= 4096,
	LIMIT_SMTP_REPLY	= 32 * 1024, /* all lines of one reply */
	LIMIT_SMTP_LINES	= 128,

	/* A TXT RRset fits into a DNS message of 64 KB in any case; the
	 * records looked at are bounded so that a finding stays readable. */
	LIMIT_TXT_RECORDS	= 64,

	/* RFC 5321 5.1 sets no number. Postfix, Sendmail and Exim stop far
	 * below; beyond it a domain is an attack on those who look at it. */
	LIMIT_MX_HOSTS		= 100,
	LIMIT_ADDRESSES		= 16, /* of one host: large pools have 10 */
	LIMIT_POLICY_HOST_ADDRESSES = 8, /* CDNs have 4 of each family */

	/* Addresses of mail hosts that one domain makes us contact. */
	LIMIT_PROBES		= 256,

	/* Names whose owner is looked up; a policy can hold 6,000. */
	LIMIT_ORGS		= 512,

	/* Unbound stops at 11 on its own; senders at 8 to 16. */
	LIMIT_CNAME_CHAIN	= 16,
	LIMIT_TLSA_RECORDS	= 32,
	LIMIT_NS_RECORDS	= 32,
	/* A dozen CAs, each with two accounts and two methods. The CA looks at
	 * all of them again. */
	LIMIT_CAA_RECORDS	= 64,

	/* Addresses of name servers that one domain makes us contact: the 13
	 * that fit into an old response, in both families, for two zones. */
	LIMIT_SERVERS		= 52,
	/* Steps from a name up to its zone's apex; few are more than two. */
	LIMIT_ZONE_STEPS	= 8,

	/* A chain as presented: leaf, two intermediates, a needless root, and
	 * as many again by mistake. */
	LIMIT_CERTS		= 10,
	LIMIT_SANS		= 250, /* the largest that public CAs issue hold 100 */
	LIMIT_CERT_TEXT		= 1024, /* a subject or an issuer */

	/* A policy of 64 KB can hold 10,000 deviations; the first ones tell
	 * all there is to tell. */
	LIMIT_PROBLEMS		= 100,

	/* TLSRPT: destinations that are looked at. */
	LIMIT_RUA		= 32,

	/* A saved observation is some 20 KB; 100 MX hosts take 1 MB. */
	LIMIT_EVIDENCE_FILE	= 64 * 1024 * 1024,
	LIMIT_DOMAIN_LIST	= 64 * 1024 * 1024, /* a million names */

	/* A zone of a million names, signed, with an MX and addresses each. A
	 * server that sends more sends without end. */
	LIMIT_TRANSFER_BYTES	= 1024 * 1024 * 1024,
	LIMIT_TRANSFER_MS	= 15 * 60 * 1000, /* the same at 10 Mbit/s */
	/* A server that must read a large zone from its disk first begins
	 * after some seconds. */
	LIMIT_TRANSFER_IDLE_MS	= 30 * 1000,
	LIMIT_TRANSFER_SERVERS	= 8, /* addresses of one host: 4 of a family */
	LIMIT_KEY_FILE		= 4096, /* a TSIG key takes 200 bytes */

	/* What is sealed: a private key of some 140 octets; RSA takes 2,400. */
	LIMIT_SEALED		= 64 * 1024,
	/* Its name: that of an account ends with a CA's URL. */
	LIMIT_SECRET_NAME	= 2048 + 64,
	LIMIT_SECRET_MEMORY	= 512 * 1024, /* of one: sealed, and open */

	/* How long one waits for another's transaction. The longest of ours
	 * adds 100,000 domains; SQLite, which makes others wait for it, takes
	 * a second. */
	LIMIT_STORE_WAIT_MS	= 10 * 1000,
	/* A statement that takes longer waits for something that is broken. */
	LIMIT_STORE_STATEMENT_MS = 30 * 1000,
	/* One value; libpq's lengths are int, and a saved observation, the
	 * largest thing stored, is compressed. */
	LIMIT_STORE_VALUE	= 64 * 1024 * 1024,
	/* One that is kept compressed. A saved observation is some 20 KB; 100
	 * MX hosts take 1 MB. */
	LIMIT_STORE_TEXT	= 16 * 1024 * 1024,
	/* Mail hosts whose text is no longer are kept in memory, as they were
	 * read. Eight addresses with a chain of certificates each take 50 KB. */
	LIMIT_HOST_KEPT		= 64 * 1024,
	/* All that are kept: some 1,000 of two addresses. */
	LIMIT_HOSTS_KEPT	= 16 * 1024 * 1024,
	LIMIT_STORE_PAGE	= 1000, /* rows of a list at a time */
	LIMIT_STORE_CLAIM	= 1000, /* a worker's pool has 64 threads */
	/* Events of one domain, the last ones. One whose policy host comes and
	 * goes has a hundred a day, others a few in a year. */
	LIMIT_HISTORY		= 2000,
	LIMIT_NOTE		= 4096, /* a page that a person wrote */
	/* What a round saw of a published domain, all of it at its ceiling:
	 * another policy takes 88 KB, a hundred MX hosts 100, the gate's bars
	 * for every address as much. */
	LIMIT_PUBLISH_SIGHT	= 512 * 1024,
	LIMIT_SETTINGS		= 16 * 1024, /* every option of a domain, set */
	/* How often to look at one domain. Below 10 seconds a look would not
	 * have ended when the next is due; what is looked at less than weekly
	 * may change twice unseen, and a policy of a week would run out. */
	LIMIT_EVERY_MIN_S	= 10,
	LIMIT_EVERY_MAX_S	= 7 * 86400,
	/* What is remembered of the MX hosts of a publication: LIMIT_MX_HOSTS
	 * of 253 octets, as they are seen, published and moved to. */
	LIMIT_PUBLICATION_STATE	= 256 * 1024,
	LIMIT_TAG		= 64, /* as a DNS label */
	LIMIT_OUTBOX_ERROR	= 512, /* why a delivery failed: a sentence */

	/* A password or a key; the longest in use are tokens of some 2 KB. */
	LIMIT_SECRET		= 4096,
	/* What is read of a receiver's answer. Only its status counts. */
	LIMIT_DELIVERY_ANSWER	= 64 * 1024,
	/* What is read of a CA's answer: a chain of four certificates, the leaf
	 * with 100 names, is 16 KB; an order of 100 names 20 KB. */
	LIMIT_ACME_ANSWER	= 128 * 1024,
	LIMIT_ACME_URL		= 2048, /* as browsers' servers take; CAs: 100 */
	LIMIT_ACME_NONCE	= 256, /* CAs use 40 characters */
	/* How often a request is said again because its nonce is not liked. A CA
	 * that refuses every second one is done with 999 times in 1,000. */
	LIMIT_ACME_NONCES	= 10,
	LIMIT_ACME_NAMES	= 100, /* of one certificate; public CAs: 100 */
	LIMIT_ACME_CLIENT	= 64 * 1024, /* a directory, read */
	/* Memory of one step of an order: a hundred authorizations, each with
	 * its answers. */
	LIMIT_ACME_MEMORY	= 32 * 1024 * 1024,
	/* A CA's front end gives up after 30 s by itself. */
	LIMIT_ACME_MS		= 60 * 1000,
	/* A mail server may look up and scan while we wait; a webhook has to
	 * take a message and no more; a command may send a text message. */
	LIMIT_MAIL_MS		= 60 * 1000,
	LIMIT_WEBHOOK_MS	= 15 * 1000,
	LIMIT_COMMAND_MS	= 30 * 1000,
	/* A summary of a thousand incidents, each with a policy of 10 KB in its
	 * remedy, once as read and twice as JSON. */
	LIMIT_MESSAGE_MEMORY	= 64 * 1024 * 1024,
	/* Domains named in a message: as many as fit a phone's screen. */
	LIMIT_MESSAGE_DOMAINS	= 10,
	/* mtastsd's own file: a person writes it. A URL with a token in it is
	 * some 300 bytes long. */
	LIMIT_CONFIG_FILE	= 1024 * 1024,
	LIMIT_CONFIG_LINE	= 4096,
	LIMIT_CONFIG_MEMORY	= 16 * 1024 * 1024, /* of such a file, read */
	LIMIT_CONFIG_FAULTS	= 100, /* told of one file: it is another file */
	LIMIT_CHANNEL_NAME	= 64, /* as a tag */

	/* What strangers may send to our HTTP servers. A request for a policy
	 * takes 150 bytes, a browser's with cookies some 2 KB. */
	LIMIT_HTTP_LINE		= 2048, /* the request line */
	LIMIT_HTTP_HEAD		= 8192, /* all of it; one TLS record holds it */
	LIMIT_HTTP_FIELDS	= 64, /* a browser behind two proxies sends 30 */
	LIMIT_HTTP_CHUNK_LINE	= 256, /* a size and, from nobody, extensions */
	LIMIT_HTTP_TRAILERS	= 1024, /* thrown away */
	LIMIT_HTTP_STREAMS	= 100, /* RFC 9113 6.5.2 recommends no fewer */
	/* Bodies that one HTTP/2 connection has us keep, if it is more than
	 * one, for clients that ask and do not read: 16 policies of the largest
	 * size. */
	LIMIT_HTTP_HELD		= 1024 * 1024,
	/* Bodies that are arriving, of all connections together: 64 of the
	 * largest that the dashboard takes. Nobody has to log in to send one. */
	LIMIT_HTTP_BODIES	= 64 * 1024 * 1024,
	/* Deadlines, from beginning to end and not from octet to octet: a client
	 * that sends one octet at a time is cut off like one that sends none.
	 * Ten seconds are three lost packets on a bad link. */
	LIMIT_HTTP_HANDSHAKE_MS	= 10 * 1000,
	LIMIT_HTTP_HEAD_MS	= 10 * 1000,
	LIMIT_HTTP_BODY_MS	= 30 * 1000,
	LIMIT_HTTP_WRITE_MS	= 30 * 1000,
	LIMIT_HTTP_IDLE_MS	= 60 * 1000, /* between two requests */
	LIMIT_HTTP_ACCEPT_S	= 1, /* the system's, for the first octet */
	LIMIT_HTTP_LINGER_MS	= 2 * 1000, /* for the last answer to arrive */
	LIMIT_HTTP_DRAIN_MS	= 10 * 1000, /* a server that is asked to end */
	/* What it then waits for packets that are under way: a round trip
	 * around the world takes 300 ms. */
	LIMIT_HTTP_SETTLE_MS	= 500,
	/* Of one worker: 20 KB each. One address has a share of them, so that
	 * it cannot take all: a large sender's whole farm behind one NAT. */
	LIMIT_HTTP_CONNECTIONS	= 20000,
	LIMIT_HTTP_PER_ADDRESS	= 256,
	/* Certificates with their keys, parsed: 8 KB each, 130 MB of a worker.
	 * Policies are some 200 bytes. */
	LIMIT_TLS_IDENTITIES	= 16384,
	/* A file of certificates: eight of 8 KB, which none has. */
	LIMIT_TLS_PEM		= 64 * 1024,
	LIMIT_TLS_INTERMEDIATES	= 64, /* of the CAs in use, parsed once */
	LIMIT_POLICY_CACHE	= 16 * 1024 * 1024,
	/* How old what a worker remembers may get before it asks again. A new
	 * certificate comes days before the old one ends; a new policy is waited
	 * for by whoever changes the id next. */
	LIMIT_TLS_RECHECK_MS	= 60 * 1000,
	LIMIT_POLICY_RECHECK_MS	= 1000,
	/* That of an edge, which is told what has changed: only so that nothing
	 * is remembered for ever. */
	LIMIT_EDGE_RECHECK_MS	= 10 * 60 * 1000,
	/* One answer of the store to an edge: a policy of 64 KB, or a chain and
	 * its key. */
	LIMIT_EDGE_ANSWER	= 1024 * 1024,
	/* A page of changes: 1,000 rows with two names and an id each. */
	LIMIT_EDGE_PAGE		= 4 * 1024 * 1024,

	/* PIPE_BUF of Linux: processes that share a pipe do not tear each
	 * other's lines, if none is longer. */
	LIMIT_LOG_LINE		= 4096,
	LIMIT_LOG_VALUE		= 512, /* one of them; a sentence has 256 */

	/* The service zone. As many name servers as an old response could
	 * name, each with four addresses of either family. */
	LIMIT_DNS_SERVERS	= 13,
	LIMIT_DNS_HOSTS		= 104,
	/* Of the edge: they stand at every name, and should fit into an answer
	 * over UDP. 16 AAAA records take 448 octets. */
	LIMIT_DNS_ADDRESSES	= 16,
	/* Of the queries that we answer the longest have a name of 255 octets,
	 * a TSIG record of some 400, and padding to a multiple of 128 (RFC
	 * 8467 4.1). */
	LIMIT_DNS_QUERY		= 1232,
	/* Datagrams that one system call takes or gives. Of the cost of a call
	 * a 64th is left then; more would only be more memory. */
	LIMIT_DNS_BATCH		= 64,
	/* Batches before TCP and timers have their turn: some 10 ms. */
	LIMIT_DNS_BATCHES	= 16,
	/* Answers a second to one /24 or /56 (RFC 6177), all names taken
	 * together. Whoever looks at 100,000 domains every hour asks 28 times
	 * a second; a resolver that starts with an empty cache asks in a
	 * burst. So ordinary traffic never meets the limit, and a victim whose
	 * address is forged gets 30 KB/s at the most. */
	LIMIT_DNS_RATE		= 200,
	LIMIT_DNS_BURST		= 1000,
	/* Of what is over the rate every second answer is "ask again over
	 * TCP", no larger than the question: a resolver behind a forged
	 * address is still served (as BIND and Knot do). */
	LIMIT_DNS_SLIP		= 2,
	/* Prefixes that are watched at once, 16 octets each. */
	LIMIT_DNS_PREFIXES	= 16384,
	/* TCP connections of one thread; 20 KB each. When there are more, the
	 * one that has done nothing for longest goes (RFC 7766 6.2.3); one
	 * network has three quarters of them at the most. */
	LIMIT_DNS_CONNECTIONS	= 256,
	/* RFC 7766 6.2.3: "of the order of a few seconds". It counts from the
	 * last whole query, or the last octets taken from us. */
	LIMIT_DNS_IDLE_MS	= 10 * 1000,
	/* One message of a transfer: names in it can point to its first 16 KB
	 * (RFC 1035 4.1.4). */
	LIMIT_DNS_TRANSFER_MESSAGE = 16 * 1024,
	/* RFC 1996 3.6 says 60 s and five times, for the networks of 1996. A
	 * secondary that has missed them all asks by itself. */
	LIMIT_DNS_NOTIFY_MS	= 5 * 1000, /* doubled every time */
	LIMIT_DNS_NOTIFIES	= 5,
	LIMIT_DNS_SECONDARIES	= 32,
	LIMIT_DNS_LISTENERS	= 16, /* addresses of one machine */

	/* One request of the dashboard: a page of LIMIT_STORE_PAGE domains with
	 * all their columns takes 3 MB, as JSON 8 MB; and a portfolio of
	 * 100,000 domains as CSV 30 MB. */
	LIMIT_WEB_MEMORY	= 32 * 1024 * 1024,
	LIMIT_WEB_REPLY		= 48 * 1024 * 1024,
	/* What an operation is told: 10,000 names of a pasted list. */
	/* One thing done to all domains that are like that: the portfolio that
	 * this is made for. The loop answers nobody else meanwhile, for a few
	 * seconds. */
	LIMIT_WEB_BULK		= 100000,
	LIMIT_WEB_BODY		= 1024 * 1024,
	LIMIT_WEB_FIELDS	= 20000,
	LIMIT_ACCOUNT_NAME	= 64,
	/* Clients whose failed logins are remembered, 24 octets each. */
	LIMIT_WEB_CLIENTS	= 16384,
	/* How long a link lets somebody in: over a weekend and a holiday. */
	LIMIT_LINK_S		= 4 * 24 * 3600,
	/* Links that stand in a log, or on a terminal. */
	LIMIT_FIRST_LINK_S	= 24 * 3600,
	/* Octets: what no list of common passwords has, and more than a
	 * sentence, so that nobody makes us hash a megabyte. */
	LIMIT_PASSWORD_LEAST	= 12,
	LIMIT_PASSWORD		= 256,
	/* Deeds that the audit log keeps: years of a busy team. */
	LIMIT_AUDIT		= 100000,
	/* ... and logins that failed, of strangers, who must not be able to
	 * push out what they have done: 10,000 are some hours of the worst. */
	LIMIT_AUDIT_STRANGERS	= 10000,
	/* What the pictures show, and so what is kept: a year, and a month to
	 * compare it with. On each day there are some ten to thirty rows. */
	LIMIT_CENSUS_DAYS	= 400,
	LIMIT_CENSUS_ROWS	= 20000,
	/* Directories of CAs that a store knows: the four of a configuration,
	 * and those of former ones. */
	LIMIT_CAS		= 64,
	/* Of each the orders that it refused last, whose reasons are compared,
	 * and the reasons that are told: it has few at a time, unless it puts
	 * a moment or a number into each. */
	LIMIT_CA_REFUSALS	= 1000,
	LIMIT_CA_REASONS	= 8,
};
/* clang-format on */

#endif
