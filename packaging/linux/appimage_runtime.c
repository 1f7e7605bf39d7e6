/* The head of the AppImage: shows the file system that is appended to this program, runs AppRun in it, and takes it away.
 *
 * A child serves the file system through FUSE while this process waits for AppRun. Where FUSE is not to be had (no
 * /dev/fuse or no fusermount3, as in containers), the files are unpacked into a folder that is removed afterwards.
 * --appimage-extract unpacks them into squashfs-root and stops. Linked statically: it needs nothing of the system.
 */
#define FUSE_USE_VERSION 32
#define _GNU_SOURCE

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <squashfuse/ll.h>

enum { FAILED = 127, MOUNT_ANSWER = 'm' };

static volatile pid_t app;

static void die(const char *what) {
    fprintf(stderr, "Inferoscope: %s: %s\n", what, strerror(errno));
    exit(FAILED);
}

/* Where the file system begins: behind the last section of this program. */
static size_t own_size(const char *self) {
    Elf64_Ehdr header;
    int file = open(self, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &header, sizeof header) != (ssize_t)sizeof header) die(self);
    close(file);
    return header.e_shoff + (size_t)header.e_shentsize * header.e_shnum;
}

/* FUSE ---------------------------------------------------------------------------------------------------------- */

static void serve(const char *self, size_t offset, const char *folder, int answer) {
    struct fuse_lowlevel_ops ops = {
        .getattr = sqfs_ll_op_getattr, .opendir = sqfs_ll_op_opendir, .releasedir = sqfs_ll_op_releasedir,
        .readdir = sqfs_ll_op_readdir, .lookup = sqfs_ll_op_lookup, .open = sqfs_ll_op_open,
        .create = sqfs_ll_op_create, .release = sqfs_ll_op_release, .read = sqfs_ll_op_read,
        .readlink = sqfs_ll_op_readlink, .listxattr = sqfs_ll_op_listxattr, .getxattr = sqfs_ll_op_getxattr,
        .forget = sqfs_ll_op_forget, .statfs = stfs_ll_op_statfs,
    };
    char *words[] = {"inferoscope", "-o", "ro,nodev,nosuid,fsname=inferoscope", NULL};
    struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
    sqfs_ll_chan channel;
    sqfs_ll *files = sqfs_ll_open(self, offset);
    if (!files || sqfs_ll_mount(&channel, folder, &arguments, &ops, sizeof ops, files) != SQFS_OK) _exit(FAILED);
    if (write(answer, &(char){MOUNT_ANSWER}, 1) != 1) _exit(FAILED);
    close(answer);
    fuse_set_signal_handlers(channel.session); /* SIGTERM ends the loop */
    fuse_session_loop(channel.session);
    sqfs_ll_unmount(&channel, folder);
    _exit(0);
}

/* Starts to serve the files; the child that does, or 0 where there is no FUSE. */
static pid_t mount_files(const char *self, size_t offset, const char *folder) {
    int ends[2];
    if (access("/dev/fuse", R_OK | W_OK) != 0 || pipe2(ends, O_CLOEXEC) != 0) return 0;
    pid_t server = fork();
    if (server == 0) {
        setsid(); /* a Ctrl-C at a terminal is for the program, which still needs its files to end */
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        int silent = open("/dev/null", O_WRONLY);
        if (silent >= 0) dup2(silent, STDERR_FILENO);
        close(ends[0]);
        serve(self, offset, folder, ends[1]);
    }
    close(ends[1]);
    char told = 0;
    ssize_t count = server > 0 ? read(ends[0], &told, 1) : 0;
    close(ends[0]);
    if (count == 1 && told == MOUNT_ANSWER) return server;
    if (server > 0) waitpid(server, NULL, 0);
    return 0;
}

/* Without FUSE -------------------------------------------------------------------------------------------------- */

static void unpack_file(sqfs *fs, sqfs_inode *inode, const char *target) {
    static char block[1 << 20];
    int file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, inode->base.mode & 0777);
    if (file < 0) die(target);
    for (sqfs_off_t at = 0; at < (sqfs_off_t)inode->xtra.reg.file_size;) {
        sqfs_off_t count = sizeof block;
        if (sqfs_read_range(fs, inode, at, &count, block) != SQFS_OK || count <= 0) die("The AppImage is damaged");
        if (write(file, block, count) != count) die(target);
        at += count;
    }
    if (close(file) != 0) die(target);
}

static void unpack_entry(sqfs *fs, sqfs_inode *inode, const char *target) {
    if (S_ISDIR(inode->base.mode)) {
        if (mkdir(target, 0755) != 0 && errno != EEXIST) die(target);
    } else if (S_ISLNK(inode->base.mode)) {
        char link[PATH_MAX];
        size_t size = sizeof link;
        if (sqfs_readlink(fs, inode, link, &size) != SQFS_OK || symlink(link, target) != 0) die(target);
    } else if (S_ISREG(inode->base.mode)) {
        unpack_file(fs, inode, target);
    }
}

static void unpack(const char *self, size_t offset, const char *folder) {
    sqfs fs;
    sqfs_traverse walk;
    sqfs_err error = sqfs_open_image(&fs, self, offset);
    if (error != SQFS_OK || sqfs_traverse_open(&walk, &fs, sqfs_inode_root(&fs)) != SQFS_OK) die("The AppImage is damaged");
    while (sqfs_traverse_next(&walk, &error)) {
        if (walk.dir_end || !*walk.path) continue;
        char target[PATH_MAX];
        if (snprintf(target, sizeof target, "%s/%s", folder, walk.path) >= (int)sizeof target) continue;
        sqfs_inode inode;
        if (sqfs_inode_get(&fs, &inode, sqfs_dentry_inode(&walk.entry)) != SQFS_OK) die("The AppImage is damaged");
        unpack_entry(&fs, &inode, target);
    }
    if (error != SQFS_OK) die("The AppImage is damaged");
    sqfs_traverse_close(&walk);
    sqfs_fd_close(fs.fd);
    sqfs_destroy(&fs);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *place) {
    (void)s, (void)kind, (void)place;
    return remove(path);
}

/* The program --------------------------------------------------------------------------------------------------- */

static void pass_on(int number) {
    if (app > 0) kill(app, number);
}

static int run_app(const char *self, const char *folder, char **arguments) {
    char path[PATH_MAX + sizeof "/AppRun"];
    snprintf(path, sizeof path, "%s/AppRun", folder);
    struct sigaction action = {.sa_handler = pass_on};
    for (const int *number = (int[]){SIGTERM, SIGHUP, 0}; *number; number++) sigaction(*number, &action, NULL);
    signal(SIGINT, SIG_IGN); /* the terminal tells the program itself */
    app = fork();
    if (app == 0) {
        signal(SIGINT, SIG_DFL);
        setenv("APPIMAGE", self, 1);
        setenv("APPDIR", folder, 1);
        arguments[0] = path;
        execv(path, arguments);
        die(path);
    }
    int status = 0;
    while (app > 0 && waitpid(app, &status, 0) < 0)
        if (errno != EINTR) die("wait");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int count, char **arguments) {
    char self[PATH_MAX] = {0}, folder[PATH_MAX];
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) die("/proc/self/exe");
    size_t offset = own_size(self);
    if (count > 1 && strcmp(arguments[1], "--appimage-extract") == 0) {
        if (mkdir("squashfs-root", 0755) != 0) die("squashfs-root");
        unpack(self, offset, "squashfs-root");
        return 0;
    }
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/inferoscope-XXXXXX", temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(folder)) die(folder);
    pid_t server = mount_files(self, offset, folder);
    if (!server) unpack(self, offset, folder);
    int status = run_app(self, folder, arguments);
    if (server) {
        kill(server, SIGTERM);
        waitpid(server, NULL, 0);
        rmdir(folder);
    } else {
        nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    return status;
}
