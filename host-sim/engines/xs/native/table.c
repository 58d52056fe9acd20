/* Things by a board's number: a dense array, and an open table of indices into it. */
#include "host.h"

static uint32_t id_of(const void* item)
{
	return *(const uint32_t*)item;
}

static uint32_t place_of(const xsh_table* table, uint32_t id)
{
	uint32_t place = id * 2654435761u & (table->capacity - 1);
	while (table->places[place] != 0 && id_of(table->items[table->places[place] - 1]) != id) place = (place + 1) & (table->capacity - 1);
	return place;
}

static void rebuild(xsh_table* table, uint32_t size)
{
	free(table->places);
	table->places = calloc(size, sizeof *table->places);
	table->items = realloc(table->items, size / 2 * sizeof *table->items);
	if (table->places == NULL || table->items == NULL) {
		fprintf(stderr, "xs-host: no memory for more boards\n");
		exit(1);
	}
	table->capacity = size;
	for (uint32_t i = 0; i < table->count; i++) table->places[place_of(table, id_of(table->items[i]))] = i + 1;
}

void* xsh_table_find(const xsh_table* table, uint32_t id)
{
	if (table->capacity == 0) return NULL;
	uint32_t entry = table->places[place_of(table, id)];
	return entry == 0 ? NULL : table->items[entry - 1];
}

void xsh_table_add(xsh_table* table, void* item)
{
	if (table->count >= table->capacity / 2) rebuild(table, table->capacity == 0 ? 64 : table->capacity * 2);
	table->items[table->count] = item;
	uint32_t place = place_of(table, id_of(item));
	table->places[place] = ++table->count;
}

void xsh_table_remove(xsh_table* table, const void* item)
{
	uint32_t place = place_of(table, id_of(item));
	uint32_t index = table->places[place] - 1;
	/* The last takes the index; what follows in the table moves up, so that no search ends too early. */
	table->places[place_of(table, id_of(table->items[table->count - 1]))] = index + 1;
	table->items[index] = table->items[table->count - 1];
	table->places[place] = 0;
	table->count--;
	for (uint32_t next = (place + 1) & (table->capacity - 1); table->places[next] != 0; next = (next + 1) & (table->capacity - 1)) {
		uint32_t entry = table->places[next];
		table->places[next] = 0;
		table->places[place_of(table, id_of(table->items[entry - 1]))] = entry;
	}
}
