# Makes the SQL files and provider profiles part of the program.
#
# Arguments: files. Standard output: the C source. The variable header: where
# to write its header. sql/query/verb_noun.sql becomes sql_verb_noun;
# sql/schema, sql/role, sql/report and sql/page files and profiles become tables
# of {name, text}. The page's parts become page_html, page_css, page_js (all its
# scripts in the order of the arguments), and Chart.js page_chart.

# A variable that holds the texts of a list of files.
function variable(name, list, n,    i, text) {
	text = ""
	for (i = 1; i <= n; i++)
		text = text literal(list[i])
	print "extern const char " name "[];" > header
	print "\nconst char " name "[] = " text ";"
}

function literal(path,    line, out) {
	out = ""
	while ((getline line < path) > 0) {
		gsub(/[\\"]/, "\\\\&", line)
		gsub(/\?\?/, "?\\?", line)
		out = out "\n\t\"" line "\\n\""
	}
	close(path)
	return out == "" ? "\"\"" : out
}

function stem(path) {
	sub(/.*\//, "", path)
	sub(/\.[a-z]+$/, "", path)
	return path
}

function table(name, list, n,    i) {
	print "\nconst struct embedded " name "[] = {"
	for (i = 1; i <= n; i++)
		print "\t{ \"" stem(list[i]) "\", " literal(list[i]) " },"
	print "\t{ 0, 0 }\n};"
	print "extern const struct embedded " name "[];" > header
}

BEGIN {
	for (i = 1; i < ARGC; i++) {
		if (ARGV[i] ~ /^header=/)
			continue
		if (ARGV[i] ~ /\/query\//)
			query[++nq] = ARGV[i]
		else if (ARGV[i] ~ /\/schema\//)
			schema[++ns] = ARGV[i]
		else if (ARGV[i] ~ /\/role\//)
			role[++nro] = ARGV[i]
		else if (ARGV[i] ~ /\/report\//)
			report[++nr] = ARGV[i]
		else if (ARGV[i] ~ /sql\/page\//)
			page[++na] = ARGV[i]
		else if (ARGV[i] ~ /\.html$/)
			html[++nh] = ARGV[i]
		else if (ARGV[i] ~ /\.css$/)
			css[++nc] = ARGV[i]
		else if (ARGV[i] ~ /chart\.min\.js$/)
			chart[++nk] = ARGV[i]
		else if (ARGV[i] ~ /\.js$/)
			js[++nj] = ARGV[i]
		else
			profile[++np] = ARGV[i]
	}
	print "/* Made by scripts/embed.awk; see the files named. */" > header
	print "#ifndef CALLTALLY_EMBEDDED_H\n#define CALLTALLY_EMBEDDED_H" > header
	print "struct embedded { const char *name; const char *text; };" > header
	print "#include \"embedded.h\""
	for (i = 1; i <= nq; i++) {
		one[1] = query[i]
		variable("sql_" stem(query[i]), one, 1)
	}
	variable("page_html", html, nh)
	variable("page_css", css, nc)
	variable("page_js", js, nj)
	variable("page_chart", chart, nk)
	table("embedded_schema", schema, ns)
	table("embedded_roles", role, nro)
	table("embedded_reports", report, nr)
	table("embedded_profiles", profile, np)
	table("embedded_page", page, na)
	print "#endif" > header
	close(header)
}
