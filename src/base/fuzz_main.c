/* Runs a fuzzer over its seeds, where it is not linked with libFuzzer: each
 * file of a folder, and every beginning of it. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { SEED_MAX = 1 << 20, PREFIX_MAX = 4096 };

/* The memory is exactly as large as the input, so that a sanitizer sees every
 * step too far. */
static void
run(const uint8_t *data, size_t n)
{
	uint8_t *exact = malloc(n > 0 ? n : 1);

	if (exact == NULL)
		abort();
	if (n > 0)
		memcpy(exact, data, n);
	(void)LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

static int
run_file(const char *folder, const char *name, uint8_t *mem)
{
	char path[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	n = fread(mem, 1, SEED_MAX, f);
	fclose(f);
	run(mem, n);
	for (size_t i = 0; i < n && i < PREFIX_MAX; i++)
		run(mem, i);
	return 0;
}

int
main(int argc, char **argv)
{
	uint8_t *mem = malloc(SEED_MAX);
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *e;
	int failed = 0, files = 0;

	if (d == NULL || mem == NULL) {
		fprintf(stderr, "usage: %s corpus-folder\n", argv[0]);
		return 64;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		failed |= run_file(argv[1], e->d_name, mem);
		files++;
	}
	closedir(d);
	free(mem);
	printf("%d seeds\n", files);
	return failed || files == 0;
}
