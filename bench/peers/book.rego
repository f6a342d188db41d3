# policies/book.yaml for OPA, so that `npm run bench -- --target` asks it for the same verdicts (scenarios seed, fresh-*).
package envoy.authz

default allow := false

http := input.attributes.request.http

token := split(http.headers.authorization, " ")[1]

claims := payload if {
	io.jwt.verify_hs256(token, "secret")
	[_, payload, _] := io.jwt.decode(token)
	now := time.now_ns() / 1000000000
	now <= object.get(payload, "exp", now)
	now >= object.get(payload, "nbf", now)
	now >= object.get(payload, "iat", now)
}

allow if {
	http.path == "/book"
	http.method in ["GET", "POST"]
	claims.role == "admin"
}

allow if {
	http.path == "/book"
	http.method == "GET"
	claims.role == "guest"
}
