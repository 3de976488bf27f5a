autocmd BufRead,BufNewFile *.cdsl setfiletype cdsl
