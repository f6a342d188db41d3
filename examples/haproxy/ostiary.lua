-- Asks Ostiary's HTTP door (--http-form forwarded) whether a request may pass, with HAProxy's own HTTP client (2.5 or newer).
--
--   global
--     lua-load-per-thread ostiary.lua
--   frontend guarded
--     http-request lua.ostiary http://127.0.0.1:9001/

-- Headers that are about a connection, or that only this script may set.
local dropped = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true, ["keep-alive"] = true,
  ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true,
  ["x-original-method"] = true, ["x-original-uri"] = true, ["x-original-url"] = true,
}

local function question(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not dropped[name] and name:sub(1, 12) ~= "x-forwarded-" then
      headers[name] = {}
      for i = 0, #values do table.insert(headers[name], values[i]) end
    end
  end
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-uri"] = { txn.sf:pathq() }
  -- The whole header: req_hdr would cut it at a comma.
  headers["x-forwarded-host"] = { txn.sf:req_fhdr("host") }
  headers["x-forwarded-proto"] = { txn.sf:ssl_fc() == 1 and "https" or "http" }
  headers["x-forwarded-for"] = { txn.sf:src() }
  return headers
end

core.register_action("ostiary", { "http-req" }, function(txn, url)
  local answer = core.httpclient():get({ url = url, headers = question(txn), timeout = 1000 })
  local status = answer and answer.status or 0
  if status == 200 then return end
  -- Whatever is no answer of Ostiary's is a denial.
  local reply = txn:reply()
  if status == 400 or status == 403 then
    reply:set_status(status)
    reply:add_header("content-type", "text/plain; charset=utf-8")
    reply:set_body(answer.body or "")
  else
    reply:set_status(403)
  end
  txn:done(reply)
end, 1)
