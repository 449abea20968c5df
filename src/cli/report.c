#include "cli/report.h"

#include "out/check_json.h"
#include "out/check_text.h"

const char *
report_conflict(const struct report_options *o)
{
	if (o->json + o->plugin + o->quiet > 1)
		return "--json, --plugin and --quiet exclude each other";
	return NULL;
}

enum err
report(const struct judged *j, const struct report_options *o,
    const struct style *s, FILE *f)
{
	if (o->json)
		return check_json(j, o->all, f);
	if (o->plugin)
		check_plugin(j, f);
	else
		check_text(j,
		    o->quiet ? TEXT_QUIET
		    : o->all ? TEXT_ALL
			     : TEXT_NORMAL,
		    s, f);
	return ferror(f) ? ERR_CANT_CREATE : ERR_OK;
}

enum verdict
report_worse(enum verdict a, enum verdict b)
{
	static const int weight[] = {
		[VERDICT_OK] = 0,
		[VERDICT_UNKNOWN] = 1,
		[VERDICT_WARNING] = 2,
		[VERDICT_ERROR] = 3,
	};

	return weight[a] >= weight[b] ? a : b;
}
