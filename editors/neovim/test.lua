-- Drives `ottl lsp` from Neovim as a user's set-up does: the settings are the ones that editors/README.md shows. `.ci/neovim` runs this
-- with the command `ottl` on the path. The first thing that is not as it should be ends it with status 1.

local wait_ms = 30000

local function fail(what, found)
  io.stderr:write(what .. ", but there is " .. vim.inspect(found) .. "\n")
  vim.cmd("cquit 1")
end

local function eventually(what, holds, found)
  if not vim.wait(wait_ms, holds, 20) then fail(what, found and found()) end
  print("ok: " .. what)
end

-- The settings for this version: from 0.11 on the first block of README's section, else the second one.
local section = table.concat(vim.fn.readfile("editors/README.md"), "\n"):match("\n## Neovim\n(.-)\n## ")
local blocks = {}
for block in section:gmatch("```lua\n(.-)```") do table.insert(blocks, block) end
if #blocks ~= 2 then fail("README has a block for newer versions and one for older ones", #blocks) end
vim.cmd("filetype on")
assert(loadstring(vim.fn.has("nvim-0.11") == 1 and blocks[1] or blocks[2]))()

local path = vim.fn.tempname() .. ".yaml"
vim.fn.writefile({
  "log_statements:",
  "  - set(log.body,Concat([log.body, log.severity_text], \"-\"))",
  "  - set(log.severity_text, uppercase(log.severity_text))",
}, path)
vim.cmd("edit " .. path)

local function codes()
  return vim.tbl_map(function(one) return one.code end, vim.diagnostic.get(0))
end
local function has(code)
  return function() return vim.tbl_contains(codes(), code) end
end
local function ask(method, params)
  local answers, error = vim.lsp.buf_request_sync(0, method, params, wait_ms)
  if error then fail(method .. " is answered", error) end
  for _, answer in pairs(answers) do
    if answer.result then return answer.result end
  end
  fail(method .. " has a result", answers)
end
local function at(line, character)
  return { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = character } }
end

-- Faults, with their place.
eventually("an unknown function is named", has("E0201"), codes)
local fault = vim.diagnostic.get(0)[1]
if fault.lnum ~= 2 or fault.col ~= 27 then fail("the place is that of the name", fault) end

-- Hover and completion.
local hover = ask("textDocument/hover", at(1, 19)).contents.value
if not hover:find("Concat", 1, true) then fail("hover tells of the function", hover) end
print("ok: hover")
local proposed = ask("textDocument/completion", at(1, 20))
local labels = vim.tbl_map(function(item) return item.label end, proposed.items or proposed)
if not vim.tbl_contains(labels, "Concat") then fail("the function is proposed", labels) end
print("ok: completion")

-- The fix, as the editor applies it.
local range = { start = { line = 2, character = 27 }, ["end"] = { line = 2, character = 27 } }
local actions = ask("textDocument/codeAction", {
  textDocument = vim.lsp.util.make_text_document_params(),
  range = range,
  context = { diagnostics = { { range = range, code = fault.code, message = fault.message } } },
})
local fix = vim.tbl_filter(function(action) return action.edit and action.isPreferred end, actions)[1] or actions[1]
vim.lsp.util.apply_workspace_edit(fix.edit, "utf-16")
local fixed = vim.api.nvim_buf_get_lines(0, 2, 3, false)[1]
if not fixed:find("ToUpperCase", 1, true) then fail("the fix names the function that there is", fixed) end
eventually("the fault is gone", function() return not has("E0201")() end, codes)

-- Formatting.
local edits = ask("textDocument/formatting", {
  textDocument = vim.lsp.util.make_text_document_params(),
  options = { tabSize = 2, insertSpaces = true },
})
vim.lsp.util.apply_text_edits(edits, vim.api.nvim_get_current_buf(), "utf-16")
local formatted = vim.api.nvim_buf_get_lines(0, 1, 2, false)[1]
if not formatted:find("set(log.body, Concat(", 1, true) then fail("the statement is formatted", formatted) end
print("ok: formatting")

-- A file without OTTL is left in peace: the server has read it when it answers what is asked behind that.
local other = vim.fn.tempname() .. ".yaml"
vim.fn.writefile({ "name: x", "list: [1, 2]" }, other)
vim.cmd("edit! " .. other)
eventually("the server has the file", function() return #vim.lsp.buf_get_clients(0) > 0 end)
local _, error = vim.lsp.buf_request_sync(0, "textDocument/hover", at(0, 0), wait_ms)
if error then fail("other files are answered for", error) end
if #codes() > 0 then fail("nothing is said of other files", codes()) end
print("ok: other files")
io.stderr:write("\n")
vim.cmd("qa!")
