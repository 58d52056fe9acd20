/*
 * Runs a Linux build of the SDK (mc.so) without a display: what the SDK's simulator does, less its window. Standard output is
 * the device's console. Ends with 0 at SIGTERM and SIGINT, with the engine's status where that gives up. At SIGHUP it runs itself
 * again, as a board that resets.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib-unix.h>
#include <glib.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define mxLinux 1
#include "screen.h"

/* The engine draws into this much, whether it has anything to draw or not. */
#define WIDTH 8
#define HEIGHT 8
/* Milliseconds between two calls of `idle`, at the least. */
#define TICK 20

struct message {
	txScreen* screen;
	int size;
	char buffer[];
};

static GMainLoop* loop;
static guint idle_source;
static int status;
static int is_over;
static int restarts;

static void on_abort(txScreen* screen, int why)
{
	(void)screen;
	status = why ? why : 1;
	is_over = 1;
	fprintf(stderr, "the engine gave up with status %d\n", why);
	g_main_loop_quit(loop);
}

static void on_draw(txScreen* screen)
{
	(void)screen;
}

static gboolean tick(gpointer data)
{
	txScreen* screen = data;
	if (screen->idle) screen->idle(screen);
	return G_SOURCE_CONTINUE;
}

static void on_stop(txScreen* screen)
{
	if (idle_source) g_source_remove(idle_source);
	idle_source = 0;
	screen->flags &= ~mxScreenIdling;
}

static void on_start(txScreen* screen, double interval)
{
	on_stop(screen);
	idle_source = g_timeout_add(interval < TICK ? TICK : (guint)interval, tick, screen);
	screen->flags |= mxScreenIdling;
}

static gboolean deliver(gpointer data)
{
	struct message* message = data;
	message->screen->invoke(message->screen, message->buffer, message->size);
	free(message);
	return G_SOURCE_REMOVE;
}

/* A message from the machine to itself, for later. Size 0: a text. */
static void on_post(txScreen* screen, char* buffer, int size)
{
	size_t length = size > 0 ? (size_t)size : strlen(buffer) + 1;
	struct message* message = malloc(sizeof *message + length);
	if (!message) abort();
	message->screen = screen;
	message->size = size;
	memcpy(message->buffer, buffer, length);
	g_idle_add(deliver, message);
}

static gboolean on_signal(gpointer data)
{
	(void)data;
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_hangup(gpointer data)
{
	restarts = 1;
	return on_signal(data);
}

/* All but the standard streams: the next run opens its own. Returns only where it fails. */
static int restart(const char* name, const char* library)
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	if (length < 0) {
		perror(name);
		return 2;
	}
	program[length] = 0;
	close_range(3, ~0U, 0);
	execl(program, name, library, (char*)NULL);
	perror(program);
	return 2;
}

int main(int argc, char** argv)
{
	const char* home = getenv("HOME");
	if (argc != 2 || !home) {
		fprintf(stderr, "usage: HOME=folder %s mc.so\n", argv[0]);
		return 2;
	}
	void* library = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch;
	/* POSIX has dlsym give functions as data; ISO C has no cast between the two. */
	void* symbol = library ? dlsym(library, "fxScreenLaunch") : NULL;
	if (!symbol) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	memcpy(&launch, &symbol, sizeof launch);
	/* As seen from here: the folder is another one soon. */
	char* path = realpath(argv[1], NULL);
	if (!path) {
		perror(argv[1]);
		return 2;
	}
	if (chdir(home) != 0) {
		perror(home);
		return 2;
	}
	umask(077);               /* the device's files are its own */
	signal(SIGPIPE, SIG_IGN); /* the SDK's sockets write without MSG_NOSIGNAL */
	setvbuf(stdout, NULL, _IOLBF, 0);

	txScreen* screen = calloc(1, sizeof *screen + WIDTH * HEIGHT * screenBytesPerPixel);
	if (!screen) return 2;
	screen->width = WIDTH;
	screen->height = HEIGHT;
	screen->abort = on_abort;
	screen->bufferChanged = on_draw;
	screen->formatChanged = on_draw;
	screen->post = on_post;
	screen->start = on_start;
	screen->stop = on_stop;
	g_mutex_init(&screen->workersMutex);
	loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, on_signal, NULL);
	g_unix_signal_add(SIGINT, on_signal, NULL);
	g_unix_signal_add(SIGHUP, on_hangup, NULL);
	launch(screen);
	if (!is_over) g_main_loop_run(loop);
	return restarts && !is_over ? restart(argv[0], path) : status;
}
