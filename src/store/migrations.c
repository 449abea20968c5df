/* The tables, made for a million domains.
 *
 * What is written at every look is apart from what is written when something
 * changes: `work` is narrow and hot, `domain` wide and quiet. Nothing is
 * appended when nothing changed: "last seen" moves in place, and an event is a
 * change. So a domain's share does not grow while its rounds are alike.
 *
 * Times are seconds since 1970, UTC. What came from a closed list (a verdict, a
 * mode) is stored as its word, so that a renumbered enum harms nobody and the
 * tables can be read without us. '' means that it is not known. */
#include "store/migrate.h"

/* clang-format off */
static const char *const portfolio[] = {
	/* The name is canonical (wire/name.h). `settings` is the text of the
	 * domain's own options. The rest is the summary of the last judgement,
	 * so that a list needs one table; rewritten only if it differs. */
	"CREATE TABLE domain ("
	" id {SERIAL_KEY},"
	" name {NAME} NOT NULL UNIQUE,"
	" added_at {INT} NOT NULL,"
	" note TEXT NOT NULL DEFAULT '',"
	" paused {INT} NOT NULL DEFAULT 0,"
	" settings TEXT NOT NULL DEFAULT '',"
	" deployment TEXT NOT NULL DEFAULT '',"
	" eligibility TEXT NOT NULL DEFAULT '',"
	" verdict TEXT NOT NULL DEFAULT '',"
	" mode TEXT NOT NULL DEFAULT '',"
	" max_age {INT},"
	" stakes TEXT NOT NULL DEFAULT ''){STRICT}",
	/* "All that are in error", a page at a time and in order. */
	"CREATE INDEX domain_verdict ON domain (verdict, name)",

	/* The name stands here a second time: a list of one tag is read in
	 * order from the key, without sorting all that have the tag. */
	"CREATE TABLE domain_tag ("
	" tag {NAME} NOT NULL,"
	" name {NAME} NOT NULL,"
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" PRIMARY KEY (tag, name)){KEYED}",
	/* A domain's tags; the cascade. */
	"CREATE INDEX domain_tag_domain ON domain_tag (domain)",

	/* The schedule: one row a domain. `due_at` is the next moment at which
	 * somebody shall take the row: the earliest of the three, or, while it
	 * is claimed, the end of the lease. So one index finds what is due and
	 * what a dead worker left, and a claim leaves the index's front at
	 * once: a claim costs the same however many rows there are. NULL: the
	 * domain is paused. `wanted_at` keeps the moment that was planned,
	 * whoever claimed it since. `claim` counts claims, so that a worker
	 * that comes back too late is told from the one that has the domain
	 * now. `woken_at`: something that the domain rests on has changed since
	 * the last claim (a mail host); it survives the round under way. */
	"CREATE TABLE work ("
	" domain {INT} PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,"
	" due_at {INT},"
	" wanted_at {INT} NOT NULL,"
	" due_records {INT} NOT NULL,"
	" due_authority {INT} NOT NULL,"
	" due_policy {INT} NOT NULL,"
	" woken_at {INT},"
	" was_woken {INT} NOT NULL DEFAULT 0," /* before this claim */
	" claimed_by {INT},"
	" claim {INT} NOT NULL DEFAULT 0,"
	" failures {INT} NOT NULL DEFAULT 0,"
	" checked_at {INT}){STRICT}",
	"CREATE INDEX work_due ON work (due_at) WHERE due_at IS NOT NULL",
	/* What is under way now: as many rows as there are jobs. */
	"CREATE INDEX work_claimed ON work (claimed_by)"
	" WHERE claimed_by IS NOT NULL",
	/* Who waits for his first round. */
	"CREATE INDEX work_unseen ON work (domain)"
	" WHERE checked_at IS NULL AND due_at IS NOT NULL",

	/* Processes that have worked here, a handful. */
	"CREATE TABLE worker ("
	" id {SERIAL_KEY},"
	" name TEXT NOT NULL,"
	" role TEXT NOT NULL,"
	" started_at {INT} NOT NULL,"
	" seen_at {INT} NOT NULL){STRICT}",

	"CREATE TABLE setting ("
	" name {NAME} PRIMARY KEY,"
	" value TEXT NOT NULL){KEYED}",
	NULL,
};

static const char *const history[] = {
	/* The ledger, as core/ledger.h has it; `state` is what is of the domain
	 * as a whole (store/ledger_state.h). Rows of a domain lie side by side
	 * under its id; a row more only for a policy, an id or a set of hosts
	 * not seen before. last_seen is NULL where `state` tells it: of what
	 * was there at the last look. */
	"CREATE TABLE ledger ("
	" domain {INT} PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,"
	" state TEXT NOT NULL){STRICT}",
	/* Mode, max_age and patterns are in the body. */
	"CREATE TABLE policy_version ("
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" seq {INT} NOT NULL," /* from 1, of this domain */
	" body {BLOB} NOT NULL,"
	" first_seen {INT} NOT NULL,"
	" last_seen {INT},"
	" served {INT} NOT NULL," /* now, as far as is known */
	" named {INT} NOT NULL,"
	" renewed_at {INT}," /* if neither: until when it was either */
	" PRIMARY KEY (domain, seq)){KEYED}",
	"CREATE TABLE sts_id ("
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" seq {INT} NOT NULL,"
	" id {BLOB} NOT NULL," /* as it was published */
	" first_seen {INT} NOT NULL,"
	" last_seen {INT},"
	" since {INT} NOT NULL," /* of this run, or the last one */
	" away_since {INT}," /* if it came back: the end of the run before */
	" reused {INT} NOT NULL,"
	" versions TEXT NOT NULL," /* each policy_version.seq seen with it */
	" PRIMARY KEY (domain, seq)){KEYED}",
	"CREATE TABLE mx_set ("
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" seq {INT} NOT NULL,"
	" hosts TEXT NOT NULL," /* one a line */
	" first_seen {INT} NOT NULL,"
	" last_seen {INT},"
	" PRIMARY KEY (domain, seq)){KEYED}",

	/* The latest observation alone, compressed. What was seen of mail hosts
	 * is not in it but in `mail_host`, once for all their domains. A table
	 * with a rowid, since the blob is larger than a key's page. */
	"CREATE TABLE observation ("
	" domain {INT} PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,"
	" seen_at {INT} NOT NULL,"
	" json_zlib {BLOB} NOT NULL){STRICT}",

	/* One row a mail host, however many domains use it; the schedule is as
	 * in `work`. What is held true of it is what two looks agreed on, or
	 * one that saw nothing wrong; `doubts` counts the looks in a row since
	 * then that saw something else. */
	"CREATE TABLE mail_host ("
	" id {SERIAL_KEY},"
	" name {NAME} NOT NULL UNIQUE,"
	" due_at {INT} NOT NULL,"
	" wanted_at {INT} NOT NULL,"
	" claimed_by {INT},"
	" claim {INT} NOT NULL DEFAULT 0,"
	" failures {INT} NOT NULL DEFAULT 0,"
	" doubts {INT} NOT NULL DEFAULT 0,"
	" looked_at {INT}," /* the last look */
	" seen_at {INT}," /* of what is held true */
	" json_zlib {BLOB}){STRICT}",
	"CREATE INDEX mail_host_due ON mail_host (due_at)",
	"CREATE INDEX mail_host_claimed ON mail_host (claimed_by)"
	" WHERE claimed_by IS NOT NULL",
	/* Who is to be told of a change. */
	"CREATE TABLE domain_host ("
	" host {INT} NOT NULL REFERENCES mail_host (id) ON DELETE CASCADE,"
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" PRIMARY KEY (host, domain)){KEYED}",
	"CREATE INDEX domain_host_domain ON domain_host (domain)",

	/* What is wrong or unknown now; what is well has no row. Written when
	 * it changes, so there is no "last seen": that is the domain's last
	 * round. */
	"CREATE TABLE finding_state ("
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" check_slug {NAME} NOT NULL,"
	" subject {NAME} NOT NULL,"
	" address {NAME} NOT NULL,"
	" result TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" severity TEXT NOT NULL,"
	" first_seen {INT} NOT NULL,"
	" message TEXT NOT NULL,"
	" remedy TEXT NOT NULL,"
	" PRIMARY KEY (domain, check_slug, subject, address)){KEYED}",

	/* One incident a cause. Of a cause at most one is open. `errors`,
	 * `warnings` and `infos` count the domains under it that suffer now, so
	 * that its severity needs no look at all of them; `domains` all that
	 * ever did. `ours`: how much we suffer from it ourselves; '' is not at
	 * all. */
	"CREATE TABLE incident ("
	" id {SERIAL_KEY},"
	" cause {NAME} NOT NULL," /* of sighting_cause() */
	" check_slug {NAME} NOT NULL,"
	" subject {NAME} NOT NULL,"
	" severity TEXT NOT NULL," /* the worst of now; at its end, the last */
	" opened_at {INT} NOT NULL,"
	" changed_at {INT} NOT NULL," /* to this severity */
	" resolved_at {INT},"
	" acknowledged_at {INT},"
	" reminded_at {INT},"
	" acknowledged_by TEXT NOT NULL DEFAULT '',"
	" note TEXT NOT NULL DEFAULT '',"
	" horizon_at {INT}," /* until when a sender may be hit */
	" message TEXT NOT NULL," /* of the finding that opened it */
	" remedy TEXT NOT NULL,"
	" ours TEXT NOT NULL DEFAULT '',"
	" errors {INT} NOT NULL DEFAULT 0,"
	" warnings {INT} NOT NULL DEFAULT 0,"
	" infos {INT} NOT NULL DEFAULT 0,"
	" domains {INT} NOT NULL DEFAULT 0){STRICT}",
	"CREATE UNIQUE INDEX incident_open ON incident (cause)"
	" WHERE resolved_at IS NULL",
	/* A page of the open ones, the worst first, and of those that ended,
	 * the last first. */
	"CREATE INDEX incident_worst ON incident (severity, opened_at, id)"
	" WHERE resolved_at IS NULL",
	"CREATE INDEX incident_ended ON incident (resolved_at, id, severity)"
	" WHERE resolved_at IS NOT NULL",

	/* The name stands here a second time, as in domain_tag: the domains of
	 * an incident are read in order, a page at a time. */
	"CREATE TABLE incident_domain ("
	" incident {INT} NOT NULL REFERENCES incident (id) ON DELETE CASCADE,"
	" name {NAME} NOT NULL,"
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" severity TEXT NOT NULL,"
	" since {INT} NOT NULL,"
	" resolved_at {INT},"
	" PRIMARY KEY (incident, name)){KEYED}",
	"CREATE UNIQUE INDEX incident_domain_domain"
	" ON incident_domain (domain, incident)",

	/* A domain's history: changes only, read newest first. */
	"CREATE TABLE event ("
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" seq {INT} NOT NULL,"
	" at {INT} NOT NULL,"
	" kind TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" PRIMARY KEY (domain, seq)){KEYED}",

	/* What happened and is to be told, written in the transaction of its
	 * cause; the key makes a second writing a repetition and not a message.
	 * A row without a channel is news that nobody has routed yet; one with
	 * a channel is a delivery. `next_try` is to `tell_at` what in `work`
	 * due_at is to wanted_at: while the row is claimed, the end of the
	 * lease. */
	"CREATE TABLE outbox ("
	" id {SERIAL_KEY},"
	" message_key {NAME} NOT NULL,"
	" channel {NAME} NOT NULL,"
	" kind TEXT NOT NULL,"
	" severity TEXT NOT NULL,"
	" incident {INT} REFERENCES incident (id) ON DELETE CASCADE,"
	" domain {INT} REFERENCES domain (id) ON DELETE CASCADE,"
	" text TEXT NOT NULL,"
	" created_at {INT} NOT NULL,"
	" state TEXT NOT NULL," /* waiting, done, given-up */
	" attempts {INT} NOT NULL DEFAULT 0,"
	" tell_at {INT} NOT NULL,"
	" next_try {INT}," /* NULL: done, or given up */
	" ended_at {INT}," /* if so */
	" claimed_by {INT},"
	" claim {INT} NOT NULL DEFAULT 0,"
	" error TEXT NOT NULL DEFAULT '',"
	" UNIQUE (message_key, channel)){STRICT}",
	/* By channel: one that takes nothing for days is in nobody's way. */
	"CREATE INDEX outbox_next ON outbox (channel, next_try, id)"
	" WHERE next_try IS NOT NULL",
	"CREATE INDEX outbox_claimed ON outbox (claimed_by)"
	" WHERE claimed_by IS NOT NULL",
	"CREATE INDEX outbox_ended ON outbox (ended_at)"
	" WHERE ended_at IS NOT NULL",
	/* The cascades. */
	"CREATE INDEX outbox_incident ON outbox (incident)"
	" WHERE incident IS NOT NULL",
	"CREATE INDEX outbox_domain ON outbox (domain)"
	" WHERE domain IS NOT NULL",
	NULL,
};

static const char *const publishing[] = {
	/* The number of the last change of anything that edges serve: one row,
	 * which a transaction holds until its end, so that numbers are given in
	 * the order of commits. */
	"CREATE TABLE change_number ("
	" one {INT} PRIMARY KEY CHECK (one = 1),"
	" number {INT} NOT NULL){STRICT}",
	"INSERT INTO change_number (one, number) VALUES (1, 0)",

	/* What edges serve. A label is never issued again, so no row is ever
	 * deleted, and the domain may be gone. */
	"CREATE TABLE served ("
	" label {NAME} PRIMARY KEY,"
	" host {NAME} NOT NULL,"
	" number {INT} NOT NULL,"
	" gone {INT} NOT NULL DEFAULT 0,"
	" body {BLOB} NOT NULL,"
	" body_number {INT} NOT NULL DEFAULT 0,"
	" id TEXT NOT NULL DEFAULT ''){STRICT}",
	"CREATE UNIQUE INDEX served_host ON served (host) WHERE gone = 0",
	"CREATE UNIQUE INDEX served_number ON served (number)",

	/* One row a domain that is published: what its owner wants, how far it
	 * has come (core/publication.h), and when somebody takes the next step,
	 * as in `work`; due_at NULL: when it is woken. `state` has the rest of
	 * core/published.h as words (store/publication_state.h). The name stands
	 * here a second time, so that a page is read in order from an index. */
	"CREATE TABLE publication ("
	" domain {INT} PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,"
	" name {NAME} NOT NULL UNIQUE,"
	" label {NAME} NOT NULL UNIQUE REFERENCES served (label),"
	" mode TEXT NOT NULL,"
	" max_age {INT} NOT NULL,"
	" follow TEXT NOT NULL,"
	" overlap {INT} NOT NULL,"
	" is_leaving {INT} NOT NULL DEFAULT 0,"
	" override_by TEXT NOT NULL DEFAULT '',"
	" override_at {INT},"
	" asked_at {INT} NOT NULL,"
	" stage TEXT NOT NULL,"
	" stage_since {INT} NOT NULL,"
	" change TEXT NOT NULL,"
	" change_since {INT} NOT NULL,"
	" version {INT} NOT NULL DEFAULT 0,"
	" id_since {INT},"
	" id_version {INT} NOT NULL DEFAULT 0,"
	" lost_since {INT},"
	" bar TEXT NOT NULL DEFAULT 'free',"
	" bar_text TEXT NOT NULL DEFAULT '',"
	" gate_text TEXT NOT NULL DEFAULT '',"
	" gate_since {INT},"
	" state TEXT NOT NULL DEFAULT '',"
	" sight TEXT NOT NULL DEFAULT ''," /* of the monitor's last round */
	" sight_stepped {INT} NOT NULL DEFAULT 1,"
	" due_at {INT},"
	" woken_at {INT},"
	" was_woken {INT} NOT NULL DEFAULT 0," /* as it was claimed */
	" claimed_by {INT},"
	" claim {INT} NOT NULL DEFAULT 0){STRICT}",
	"CREATE INDEX publication_due ON publication (due_at)",
	"CREATE INDEX publication_claimed ON publication (claimed_by)"
	" WHERE claimed_by IS NOT NULL",
	/* A page of one stage, in order; who waits for the edges. */
	"CREATE INDEX publication_stage ON publication (stage, name)",
	"CREATE INDEX publication_change ON publication (change)"
	" WHERE change <> 'rest'",

	/* Every policy that was to be served and may still be held. */
	"CREATE TABLE published_body ("
	" domain {INT} NOT NULL REFERENCES domain (id) ON DELETE CASCADE,"
	" version {INT} NOT NULL,"
	" body {BLOB} NOT NULL,"
	" at {INT} NOT NULL,"
	" PRIMARY KEY (domain, version)){KEYED}",

	/* A policy host's certificate, and the order for the next one. */
	"CREATE TABLE certificate ("
	" host {NAME} PRIMARY KEY,"
	" domain {INT} NOT NULL,"
	" wanted {INT} NOT NULL,"
	" number {INT} NOT NULL DEFAULT 0,"
	" chain {BLOB} NOT NULL,"
	" key_name TEXT NOT NULL DEFAULT '',"
	" not_before {INT},"
	" not_after {INT},"
	" issuer TEXT NOT NULL DEFAULT '',"
	" random {INT} NOT NULL DEFAULT 0,"
	" renew_at {INT},"
	" order_text TEXT NOT NULL DEFAULT '',"
	" order_key TEXT NOT NULL DEFAULT '',"
	" failing_since {INT},"
	" problem TEXT NOT NULL DEFAULT '',"
	" due_at {INT} NOT NULL,"
	" claimed_by {INT},"
	" claim {INT} NOT NULL DEFAULT 0){STRICT}",
	"CREATE INDEX certificate_due ON certificate (due_at)",
	"CREATE INDEX certificate_number ON certificate (number)",
	"CREATE INDEX certificate_domain ON certificate (domain)",
	"CREATE INDEX certificate_claimed ON certificate (claimed_by)"
	" WHERE claimed_by IS NOT NULL",

	"CREATE TABLE challenge ("
	" host {NAME} NOT NULL,"
	" token {NAME} NOT NULL,"
	" text TEXT NOT NULL,"
	" put_at {INT} NOT NULL,"
	" PRIMARY KEY (host, token)){KEYED}",

	/* A process that serves, and up to which number what it serves is new.
	 */
	"CREATE TABLE edge ("
	" worker {INT} PRIMARY KEY REFERENCES worker (id) ON DELETE CASCADE,"
	" served {INT} NOT NULL,"
	" seen_at {INT} NOT NULL){STRICT}",
	NULL,
};

static const char *const dashboard[] = {
	/* More of the summary, so that the portfolio's table needs one row a
	 * domain (store/domain_summary.h). Who has no such moment comes behind
	 * all that have one: 9999999999999 stands for none, but that a domain
	 * whose history is empty has changed at 0. */
	"ALTER TABLE domain ADD COLUMN record TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE domain ADD COLUMN policy TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE domain ADD COLUMN tlsrpt TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE domain ADD COLUMN provider {NAME} NOT NULL DEFAULT ''",
	"ALTER TABLE domain ADD COLUMN next_step TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE domain ADD COLUMN next_check TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE domain ADD COLUMN addresses {INT} NOT NULL DEFAULT 0",
	"ALTER TABLE domain ADD COLUMN good_addresses {INT} NOT NULL DEFAULT 0",
	"ALTER TABLE domain ADD COLUMN mx {INT} NOT NULL DEFAULT 0",
	"ALTER TABLE domain ADD COLUMN covered_mx {INT} NOT NULL DEFAULT 0",
	"ALTER TABLE domain ADD COLUMN mode_since {INT}"
	" NOT NULL DEFAULT 9999999999999",
	"ALTER TABLE domain ADD COLUMN cached_until {INT}"
	" NOT NULL DEFAULT 9999999999999",
	"ALTER TABLE domain ADD COLUMN policy_cert_until {INT}"
	" NOT NULL DEFAULT 9999999999999",
	"ALTER TABLE domain ADD COLUMN mx_cert_until {INT}"
	" NOT NULL DEFAULT 9999999999999",
	/* The earlier of the two. */
	"ALTER TABLE domain ADD COLUMN cert_until {INT}"
	" NOT NULL DEFAULT 9999999999999",
	"ALTER TABLE domain ADD COLUMN changed_at {INT} NOT NULL DEFAULT 0",
	/* How far down in a list of what needs attention: 0 is the heaviest, 5
	 * what nobody has looked at yet. */
	"ALTER TABLE domain ADD COLUMN weight {INT} NOT NULL DEFAULT 5",
	/* The rest is known after the next round. */
	"UPDATE domain SET changed_at = COALESCE((SELECT MAX(at) FROM event"
	" WHERE event.domain = domain.id), 0),"
	" weight = CASE WHEN verdict = 'error' AND stakes = 'enforce' THEN 0"
	" WHEN verdict = 'error' THEN 1 WHEN verdict = 'warning' THEN 2"
	" WHEN verdict = 'unknown' THEN 3 WHEN verdict = 'ok' THEN 7"
	" ELSE 5 END",

	/* One a column that the portfolio is sorted by. Behind it stands what it
	 * is filtered by, so that to skip a row is no look into the table. */
#define FILTERED "deployment, eligibility, verdict, provider, next_step)"
	"CREATE INDEX domain_by_name ON domain (name, " FILTERED,
	"CREATE INDEX domain_by_weight ON domain (weight, name, " FILTERED,
	"CREATE INDEX domain_by_provider ON domain (provider, name,"
	" deployment, eligibility, verdict, next_step)",
	"CREATE INDEX domain_by_mode ON domain (mode_since, name, " FILTERED,
	"CREATE INDEX domain_by_cache ON domain (cached_until, name, " FILTERED,
	"CREATE INDEX domain_by_cert ON domain (cert_until, name, paused,"
	" " FILTERED,
	"CREATE INDEX domain_by_change ON domain (changed_at, name, " FILTERED,
#undef FILTERED
	/* How many stand how, and are whose. */
	"CREATE INDEX domain_census ON domain"
	" (paused, deployment, eligibility, verdict)",
	"CREATE INDEX domain_provider ON domain (provider)",
	/* How many certificates end on which day. */
	"CREATE INDEX domain_policy_cert ON domain (policy_cert_until, paused)",
	"CREATE INDEX domain_mx_cert ON domain"
	" (mx_cert_until, paused, policy_cert_until)",

	/* What happened to all domains, newest first; of one kind likewise. */
	"CREATE INDEX event_at ON event (at, domain, seq)",
	"CREATE INDEX event_kind ON event (kind, at, domain, seq)",
	/* How many are open, and of whom nobody knows; what ended since. */
	"CREATE INDEX incident_known ON incident (severity, acknowledged_at)"
	" WHERE resolved_at IS NULL",
	"CREATE INDEX incident_span ON incident"
	" (resolved_at, opened_at, severity) WHERE resolved_at IS NOT NULL",

	/* Who may use the dashboard and the API. Of what lets somebody in the
	 * hash alone. */
	"CREATE TABLE account ("
	" name {NAME} PRIMARY KEY,"
	" scope TEXT NOT NULL,"
	" password TEXT NOT NULL," /* as crypt(3) has it */
	" created_at {INT} NOT NULL,"
	" seen_at {INT} NOT NULL DEFAULT 0){KEYED}",
	"CREATE TABLE session ("
	" hash {BLOB} PRIMARY KEY,"
	" account {NAME} NOT NULL REFERENCES account (name) ON DELETE CASCADE,"
	" until {INT} NOT NULL){KEYED}",
	"CREATE INDEX session_account ON session (account)",
	"CREATE INDEX session_until ON session (until)",
	/* account '': the first one, whose name its bearer chooses. */
	"CREATE TABLE link ("
	" hash {BLOB} PRIMARY KEY,"
	" account {NAME} NOT NULL,"
	" scope TEXT NOT NULL,"
	" until {INT} NOT NULL){KEYED}",
	"CREATE TABLE api_token ("
	" id {SERIAL_KEY},"
	" hash {BLOB} NOT NULL UNIQUE,"
	" name TEXT NOT NULL,"
	" made_by TEXT NOT NULL,"
	" scope TEXT NOT NULL,"
	" created_at {INT} NOT NULL,"
	" until {INT} NOT NULL," /* 0: for ever */
	" used_at {INT} NOT NULL DEFAULT 0){STRICT}",
	"CREATE TABLE audit ("
	" id {SERIAL_KEY},"
	" at {INT} NOT NULL,"
	" who TEXT NOT NULL,"
	" came_from TEXT NOT NULL,"
	" what TEXT NOT NULL,"
	" target TEXT NOT NULL){STRICT}",

	/* What domain_census said on each day. */
	"CREATE TABLE census ("
	" day {INT} NOT NULL," /* since 1970 */
	" deployment {NAME} NOT NULL,"
	" eligibility {NAME} NOT NULL,"
	" verdict {NAME} NOT NULL,"
	" n {INT} NOT NULL,"
	" PRIMARY KEY (day, deployment, eligibility, verdict)){KEYED}",
	NULL,
};

static const char *const orders[] = {
	/* Where the order for a certificate stands, so that orders are counted
	 * without a look into each: '' (there is none, and none is missing),
	 * 'waiting', 'under-way' (a CA has it) or 'failing'; and the directory
	 * of the CA that has it, or is asked next. */
	"ALTER TABLE certificate ADD COLUMN order_state {NAME}"
	" NOT NULL DEFAULT ''",
	"ALTER TABLE certificate ADD COLUMN order_ca {NAME}"
	" NOT NULL DEFAULT ''",
	/* What is known of the orders that there are. They are JSON as
	 * io/acme_saved.c writes it, compact: no member's name can stand in a
	 * text with its quotes. */
#define CA_OF "SUBSTR(order_text, {FIND}(order_text, '\"directory\":\"') + 13)"
	"UPDATE certificate SET order_ca ="
	" SUBSTR(" CA_OF ", 1, {FIND}(" CA_OF ", '\"') - 1)"
	" WHERE {FIND}(order_text, '\"directory\":\"') > 0",
#undef CA_OF
	"UPDATE certificate SET order_state ="
	" CASE WHEN failing_since IS NOT NULL THEN 'failing'"
	" WHEN order_text <> ''"
	"  AND {FIND}(order_text, '\"state\":\"wanted\"') = 0 THEN 'under-way'"
	" WHEN order_text <> '' OR number = 0 THEN 'waiting' ELSE '' END",

	/* Why it fails, by CA; '' is ours. As long as it fails. */
	"CREATE TABLE certificate_refusal ("
	" host {NAME} NOT NULL REFERENCES certificate (host) ON DELETE CASCADE,"
	" ca {NAME} NOT NULL,"
	" at {INT} NOT NULL," /* the last time */
	" reason TEXT NOT NULL,"
	" PRIMARY KEY (host, ca)){KEYED}",
	"INSERT INTO certificate_refusal (host, ca, at, reason)"
	" SELECT host, order_ca, failing_since, problem FROM certificate"
	" WHERE failing_since IS NOT NULL",

	/* How many there are of each CA, and which come next: all from indexes,
	 * since a row has a chain of certificates in it. */
	"CREATE INDEX certificate_order ON certificate"
	" (order_state, order_ca, due_at, claimed_by)",
	"CREATE INDEX certificate_renewal ON certificate"
	" (order_state, renew_at)",
	"CREATE INDEX certificate_end ON certificate (issuer, not_after)",
	"CREATE INDEX certificate_refusal_ca ON certificate_refusal (ca, at)",
	NULL,
};

static const char *const filters[] = {
	/* The portfolio is filtered by what is paused and by when certificates
	 * end, too; and what is paused comes last where it is sorted by what
	 * needs attention. */
	"DROP INDEX domain_by_name",
	"DROP INDEX domain_by_weight",
	"DROP INDEX domain_by_provider",
	"DROP INDEX domain_by_mode",
	"DROP INDEX domain_by_cache",
	"DROP INDEX domain_by_cert",
	"DROP INDEX domain_by_change",
#define MORE "policy_cert_until, mx_cert_until)"
#define WORDS "deployment, eligibility, verdict, provider, next_step, "
	"CREATE INDEX domain_by_name ON domain (name, paused, " WORDS MORE,
	"CREATE INDEX domain_by_weight ON domain (paused, weight, name,"
	" " WORDS MORE,
	"CREATE INDEX domain_by_provider ON domain (provider, name, paused,"
	" deployment, eligibility, verdict, next_step, " MORE,
	"CREATE INDEX domain_by_mode ON domain (mode_since, name, paused,"
	" " WORDS MORE,
	"CREATE INDEX domain_by_cache ON domain (cached_until, name, paused,"
	" " WORDS MORE,
	"CREATE INDEX domain_by_cert ON domain (cert_until, name, paused,"
	" " WORDS MORE,
	"CREATE INDEX domain_by_change ON domain (changed_at, name, paused,"
	" " WORDS MORE,
#undef WORDS
#undef MORE
	NULL,
};

static const struct migration migrations[] = {
	{ "portfolio and work",		portfolio },
	{ "ledger and incidents",	history },
	{ "publishing",			publishing },
	{ "dashboard",			dashboard },
	{ "orders",			orders },
	{ "filters",			filters },
};
/* clang-format on */

const struct schema schema_main = { migrations,
	sizeof migrations / sizeof migrations[0] };
