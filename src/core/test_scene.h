/* test_scene.h - for tests only: the evidence of one good domain, to be changed
 * in place. */
#ifndef CORE_TEST_SCENE_H
#define CORE_TEST_SCENE_H

#include "core/evidence.h"

enum { DAY = 86400 };

/* When the scene was looked at: 2026-11-22T10:00Z. */
enum { SCENE_NOW_S = 1795341600 };

/* Everything that evidence points to, so that a row can change it in place. */
struct scene {
	struct evidence ev;
	struct span sts_strings[3], rpt_strings[1], other_strings[1];
	struct dns_txt sts[3], rpt[1], other[1];
	struct dns_mx mx[2];
	struct ip_addr v4[2], v6[1], host4[2];
	struct dns_tlsa tlsa[1];
	struct span ids[2][1], host_ids[1], chain[1];
	struct cert certs[2], host_cert;
	struct cert no_sni_cert;
	struct probe probes[2];
	struct mx_host hosts[2];
	struct fetch fetches[2];
	struct org_fact orgs[2];
	char digest[32];
	struct zone_seen zone;
	struct server_seen servers[2];
	struct span server_strings[2];
	struct dns_txt server_txt[2];
	struct dns_mx server_mx[2][2];
};

/* example.com in mode enforce, with two MX hosts of one address each, and a
 * policy host with one; a second fetch is ready behind the first. */
void
scene_good(struct scene *s);

struct ip_addr
scene_ip(const char *s);

/* Valid for that name from ten days ago, for 90 days. ids takes the name. */
struct cert
scene_cert(struct span *ids, const char *name);

/* Without records. */
struct dns_answer
scene_answer(const char *name, uint16_t type, enum dns_result result);

/* The policy, and the record, as the first of their kind. */
void
scene_body(struct scene *s, struct span text);
void
scene_record(struct scene *s, struct span text);

/* NXDOMAIN instead. */
void
scene_no_record(struct scene *s);
void
scene_no_policy(struct scene *s);

/* The probe, or the fetch, ended at that stage, like that. */
void
scene_probe_ended(
    struct probe *p, enum talk_stage stage, enum talk_result result);
void
scene_fetch_ended(
    struct fetch *f, enum talk_stage stage, enum talk_result result);

#endif
