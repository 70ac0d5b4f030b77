# shellcheck shell=sh
# To be sourced behind tap.sh: the memory that commands take.

# peak COMMAND...: the peak memory of a command, in MB; its exit status is kept in peak.status
peak() {
	python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
open("peak.status", "w").write(str(status))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@"
}

# stays NAME FILE...: ingest of the files, and other arguments, keeps to its memory
stays() {
	name=$1
	shift
	mb=$(peak "$CALLTALLY" ingest "$@")
	if grep -qs -e -fsanitize "${CALLTALLY%/*}/flags"; then
		skip "$name: $mb MB" 'a sanitizer takes memory of its own'
	else
		try test "$mb" -lt "${MEMORY_MB:-128}"
		status 0 "$name: $mb MB"
	fi
	like "$(cat peak.status)" '^[03]$' "$name: loaded"
}
