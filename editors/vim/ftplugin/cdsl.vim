" Vim settings for cdsl: comments, `:make` and its list of problems, `gf`.

if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=#\ %s comments=b:#:,b:# formatoptions-=t suffixesadd=.cdsl
setlocal makeprg=cdsl\ check\ --format\ concise\ %:S errorformat=%f:%l:%c:\ %trror%m,%f:%l:%c:\ %tarning%m
setlocal expandtab shiftwidth=4 softtabstop=4

let b:undo_ftplugin = "setlocal cms< com< fo< sua< mp< efm< et< sw< sts<"
