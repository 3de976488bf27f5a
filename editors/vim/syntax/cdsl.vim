" Vim syntax file: cdsl. Made by editors/make.py from grammars/cdsl.lark.

if exists("b:current_syntax")
  finish
endif

" Of items that match at one place the last holds: a name, if it is nothing else.
syn match cdslName /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/
syn match cdslConstant /\%(None\|false\|inf\|pi\|true\)\%(\w\|[^\x00-\x7f]\)\@!/
syn match cdslFunction /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\ze\s*(/
syn match cdslNumber /\%(\d\+\%(_\d\+\)*\%(\.\%(\d\+\%(_\d\+\)*\)\?\)\?\|\.\d\+\%(_\d\+\)*\)\%([eE][+-]\?\d\+\%(_\d\+\)*\)\?/
syn match cdslString /"[^"\\]*"/
syn match cdslPunctuation /[][(){},:]/
syn match cdslDot /\.\d\@!/ nextgroup=cdslMember skipwhite
syn match cdslMember /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained
syn match cdslOperator /\*\*\|\.\.\.\|<=\|>=\|==\|!=\|<\|>\|\/\/\|\*\|\/\|@\|+=\|=\|-\|+\|\~/
syn match cdslComment /#.*$/ contains=@Spell
syn match cdslDoc /#:.*$/ contains=@Spell
syn cluster cdslExpression contains=cdslName,cdslConstant,cdslFunction,cdslNumber,cdslString,cdslPunctuation,cdslDot
syn cluster cdslExpression add=cdslOperator,cdslComment,cdslDoc,cdslParens,cdslSizes

" An open bracket ends where a line begins a declaration.
syn region cdslParens matchgroup=cdslPunctuation start=/(/ end=/)/ end=/^\%(\s*\%(\%(\%(\%(frozen\s\+\)\?\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\s*:\|\%(dim\|data\|let\|frozen\|type\|model\)\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)\)\%([^][()#]*[])]\)\@!\)\|from\s*\"\|}\s*\%(#\|$\)\)\)\@=/ contains=@cdslExpression,cdslArgument
syn region cdslSizes matchgroup=cdslPunctuation start=/\[/ end=/\]/ end=/^\%(\s*\%(\%(\%(\%(frozen\s\+\)\?\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\s*:\|\%(dim\|data\|let\|frozen\|type\|model\)\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)\)\%([^][()#]*[])]\)\@!\)\|from\s*\"\|}\s*\%(#\|$\)\)\)\@=/ contains=@cdslExpression
syn match cdslArgument /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\ze\s*==\@!/ contained

" A keyword is one only where another word follows it.
syn match cdslColon /:/ nextgroup=cdslType skipwhite
syn match cdslType /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained
syn match cdslDeclared /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\ze\s*:/
syn match cdslKeyword /\%(dim\|data\|let\|frozen\)\ze\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)/ nextgroup=cdslDeclaring skipwhite
syn match cdslDeclaring /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained
syn match cdslKeyword /\%(\%([A-Za-z0-9_)\]]\|[^\x00-\x7f]\)\s\+\)\@<=frozen\ze\s*\[/
syn match cdslKeyword /via\ze\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)/ nextgroup=cdslTransform skipwhite
syn match cdslTransform /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained
syn match cdslKeyword /\%(type\|model\)\ze\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)/ nextgroup=cdslAlias skipwhite
syn match cdslAlias /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained nextgroup=cdslParams,cdslEquals skipwhite
syn region cdslParams contained matchgroup=cdslPunctuation start=/(/ end=/)/ end=/^\%(\s*\%(\%(\%(\%(frozen\s\+\)\?\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\s*:\|\%(dim\|data\|let\|frozen\|type\|model\)\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)\)\%([^][()#]*[])]\)\@!\)\|from\s*\"\|}\s*\%(#\|$\)\)\)\@=/ contains=@cdslExpression,cdslParam,cdslDefault nextgroup=cdslEquals skipwhite
syn match cdslParam /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained
syn region cdslDefault contained matchgroup=cdslOperator start=/=/ end=/\ze[,)]/ end=/^\%(\s*\%(\%(\%(\%(frozen\s\+\)\?\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*\s*:\|\%(dim\|data\|let\|frozen\|type\|model\)\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)\)\%([^][()#]*[])]\)\@!\)\|from\s*\"\|}\s*\%(#\|$\)\)\)\@=/ contains=@cdslExpression
syn match cdslEquals /=/ contained nextgroup=cdslType skipwhite
syn match cdslKeyword /from\ze\s*"/
syn match cdslKeyword /import\ze\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)/ nextgroup=cdslImported skipwhite
syn match cdslImported /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained nextgroup=cdslAs,cdslComma skipwhite
syn match cdslAs /as\ze\s\+\%([A-Za-z_]\|[^\x00-\x7f]\)/ contained nextgroup=cdslRenamed skipwhite
syn match cdslRenamed /\%([A-Za-z_]\|[^\x00-\x7f]\)\%(\w\|[^\x00-\x7f]\)*/ contained nextgroup=cdslComma skipwhite
syn match cdslComma /,/ contained nextgroup=cdslImported skipwhite

syn sync fromstart

hi def link cdslComment Comment
hi def link cdslDoc SpecialComment
hi def link cdslKeyword Keyword
hi def link cdslDeclared Identifier
hi def link cdslType Type
hi def link cdslTransform PreProc
hi def link cdslFunction Function
hi def link cdslArgument Label
hi def link cdslConstant Constant
hi def link cdslNumber Number
hi def link cdslString String
hi def link cdslOperator Operator
hi def link cdslPunctuation Delimiter
hi def link cdslDeclaring cdslDeclared
hi def link cdslAlias cdslType
hi def link cdslImported cdslType
hi def link cdslRenamed cdslType
hi def link cdslParam cdslArgument
hi def link cdslAs cdslKeyword
hi def link cdslEquals cdslOperator
hi def link cdslColon cdslPunctuation
hi def link cdslDot cdslPunctuation
hi def link cdslComma cdslPunctuation

let b:current_syntax = "cdsl"
