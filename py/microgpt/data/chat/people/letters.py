"""Ways in which people ask for the letters of a word, one a line."""

COUNTS = """
how many {l}'s in {w}?
letter {l} in {w}: how many?
whats the count of {l} in {w}
how often do i meet {l} in {w}
how many {l} letters has {w} got
how often can you find {l} in {w}
count me the letter {l} inside {w}
how often do i need {l} to write {w}?
how many {l} do you see in the word {w}
tell me the number of {l}'s in {w} please
the word is {w}. How many {l} does it have?
does it have {l}, the word {w}, and how many?
how many times do i write {l} when i write {w}?
in the word {w}, how many times do you find {l}?
I am looking for {l} in {w}. How many are there?
how many times does the letter {l} occur in {w}
is there {l} in {w} and how often?
count {l} in {w} for me
how many {l} are hiding in {w}?
number of times {l} shows up in {w}
how often does {w} use the letter {l}
please tell me how often {l} occurs in {w}
take the word {w}. How many {l} are in it?
how many {l} can you see in {w}
can you tell me how many {l}s {w} has
if i write {w}, how many {l} do i need?
look at {w}. how many {l} has it?
{w} has how many {l}
{w}: how many {l}?
how many of {l} are there in the word {w}
in {w}, how many {l} are there?
i want to know how many {l} there are in {w}
how many times can {l} be found in {w}?
count all {l} in the word {w}
what number of {l} does {w} contain
does {w} contain {l}? how many?
tell me how often the letter {l} appears in {w}
how many {l} does the word {w} contain?
do you know how many {l} are in {w}?
the letter {l}, how often is it in {w}
how frequent is {l} in {w}?
in the word {w} the letter {l} stands how often?
how many {l} make up {w}
find every {l} in {w}, how many?
say how many times {l} is in {w}
how many times is the letter {l} used in {w}?
give me the number of {l} in {w}
how many {l}'s does {w} have?
how many {l}'s are in {w}
how many {l} r in {w}
{l} in {w}, how many
{w}, how many {l}?
{w} how often {l}
number of {l}'s in {w}
count the {l}'s in {w}
count up the {l}s in {w} please
please count how many {l} {w} has
how often does {l} appear in the word {w}?
how many times does {l} appear in {w}
how often does {l} come up in {w}
how often does the letter {l} come in {w}?
in {w} how often does {l} appear?
in {w}, what is the number of {l}'s?
in the word {w}, count the letter {l}
inside {w}, how many times is there {l}?
within {w} how many {l} are found
how many {l}'s can i find in {w}
how many {l} can be counted in {w}?
can you count {l} in {w}?
could you count the letter {l} in the word {w} for me
would you tell me how many {l} are in the word {w}
i need to know how often {l} is in {w}
i would like to know the number of {l} in {w}
my teacher asks how many {l} are in {w}
my child asks how often {l} is in {w}, what shall i say
guess how many {l} there are in {w}
i bet you cant count the {l} in {w}
so how many {l} does the word {w} hold?
the word {w} contains how many {l}?
the word {w} has how many {l}'s in it
{w} is a word. how many of its letters are {l}?
how many letters of {w} are {l}
how many of the letters in {w} are {l}?
which number of {l} has {w} got
whats the number of {l}s in the word {w}
what is the count of the letter {l} in {w}?
do a count of {l} in {w}
give me a count of {l}'s in {w}
letter count: {l} in {w}
count letter {l}, word {w}
word {w}, letter {l}, how many?
word: {w}. letter: {l}. count?
letter {l}, word {w}
for the word {w}, how many {l}?
for the letter {l}: how often is it in {w}?
the {l} in {w}, how many are they
all the {l} in {w}: how many?
add up the {l}'s in {w}
tell me the count of {l} in the word {w}
tell me, how many {l}'s has {w}
say how many {l}'s there are in {w}
how many {l} would i write for {w}
when i spell {w}, how often do i say {l}?
if you spell {w} how many {l} come up?
spelling {w}, how many {l} do i need
to spell {w} how many {l}'s must i have?
to write {w} i need how many {l}
with how many {l} is {w} written?
is {w} written with {l}? how many?
is there a {l} in {w}, and how many?
are there any {l} in {w}? how many?
how many {l}, if any, are in {w}?
does {w} have {l} in it and how often
has {w} got any {l}'s, how many
i see some {l} in {w}, but how many?
i think {w} has {l}. how many of them?
find {l} in {w} and count
search {w} for {l}. how many did you find?
look for {l} in {w} and tell me how many
look through {w}: how often is {l} there?
go through {w} and count each {l}
read {w} and count every {l}
check {w} for the letter {l}, how many times?
check how many {l} are in {w}
work out how many {l} there are in {w}
what do you get if you count {l} in {w}
how high is the number of {l} in {w}
how many copies of {l} are in {w}?
how many times over does {w} have {l}
how many times do you see the letter {l} in {w}?
how many times do we need {l} in {w}
how many times does {w} contain {l}?
how many times does {w} have the letter {l}
how many times must i type {l} for {w}
how frequently does {l} occur in the word {w}
how often can i read {l} in {w}
how often do we find {l} in the word {w}?
how often does {w} contain the letter {l}?
how often is the letter {l} in the word {w}?
how often is {l} used in {w}
how often has {w} got {l}
what about {l} in {w}, how many?
and {l} in {w}? how many
now {l} in {w}, how many times?
quick: how many {l} in the word {w}
hey how many {l}'s in the word {w}
dear computer, how many {l} are there in the word {w}?
total of {l}'s in {w}?
whats the total number of {l} in {w}
in total, how many {l} does {w} have
altogether how many {l} are in {w}?
"""

SPELLS = """
spell me {w}
can u spell {w}
letters of {w}?
spelling of {w}?
how is {w} spelled?
how do you spell {w}?
say {w} letter by letter
break {w} into its letters
take {w} apart into letters
what is the spelling of {w}
what letters is {w} made of?
give me {w} one letter at a time
how would you spell the word {w}?
which letters are in the word {w}?
i forgot how to write {w}, spell it
how do i write {w}, letter for letter?
how does one spell {w}
spell the word {w} for me
could you spell {w} please
tell me the letters of {w}
what are the letters in {w}?
write {w} with dashes between the letters
i need the spelling of {w}
{w} in single letters please
how is the word {w} written?
the word {w}, letter after letter
please spell {w}
show me how {w} is spelled
how do people spell {w}?
which letters do i need for {w}?
split {w} into letters
separate the letters of {w}
spell it for me: {w}
read me the letters of {w}
can you tell me how {w} is spelled?
list all letters in {w}
{w}, how is that spelled?
what is {w} letter by letter
would you spell {w} for me
i want to learn to spell {w}
do you know how to spell {w}?
go through {w} letter by letter
how can i spell {w}
name each letter of {w}
write out {w} letter by letter
one letter at a time: {w}
help me spell {w}
write the word {w} one letter after the other
how would {w} be spelled
now the letters of {w}
{w} spelled please
{w}, spell it
{w} - how do i spell it?
{w}: letters?
{w}. Now letter by letter
{w} spelled out
{w} but one letter after another
{w} spelling?
spell {w} for a child
spell {w} slowly
spell {w} out for me please
spell {w} with dashes
spell the name {w}
spell this word: {w}
spell that word for me, {w}
pls spell {w}
now spell {w}
just spell {w}
next word to spell: {w}
spelling test: {w}
spelling bee! your word is {w}
your word is {w}. Spell it.
the word is {w}, please spell it
the word to spell is {w}
my word is {w}, how is it spelled
how do u spell {w}
how do you write {w}?
how do you say {w} letter by letter
how do we spell {w}?
how do i spell the word {w}
how does {w} get spelled
how does one write the word {w}
how is {w} written letter by letter?
how is {w} spelt
how should i spell {w}?
how should one write {w}
how to spell {w}
how to write {w}?
how would i write the word {w}
how can {w} be spelled?
whats the spelling for {w}
whats the right spelling of {w}?
what is the correct way to spell {w}?
what is the way to write {w}
what letters are in {w}?
what letters are in the word {w}
what letters does {w} have?
what letters do you need to write {w}
what letters make {w}
what letters spell {w}?
what are the single letters of {w}
what are all the letters of the word {w}?
what does {w} look like letter by letter
which letters has {w}?
which letters does the word {w} have
which letters make up {w}?
which letters is {w} written with?
which letters stand in {w}, one by one
in which letters is {w} written
with which letters do i write {w}
can you spell {w} for me?
can you write {w} letter by letter
can you give me the letters in {w}
can you say each letter of {w}?
can you split {w} up into its letters
can anyone spell {w}
could you tell me how to write {w}
could you list the letters in {w}?
could i have the letters of {w}
would you kindly spell {w}?
would you please give the spelling of {w}
will you spell {w}
do you know the letters of {w}?
do you know how {w} is written
i dont know how to spell {w}
i cant spell {w}, can you?
i never know how {w} is spelled
i want the letters of {w}
i would like {w} spelled
i have to write {w}, what are its letters?
i must write {w} on the board, letter by letter please
my son wants to know how to spell {w}
my teacher wants me to spell {w}
please give me the letters in {w}
please write {w} letter by letter
please take {w} apart, letter by letter
please show the letters of {w}
tell me how you spell {w}
tell me how {w} is written
tell me what letters are in {w}
tell me each letter of {w}
tell me the spelling of {w}
give the letters in {w} in order
give me the spelling of the word {w}
give me every letter of {w}
list the letters that make {w}
list {w} as letters
say every letter in {w}
say the spelling of {w}
show {w} as single letters
show me the letters in {w}
name the letters in {w} one after another
name all the letters of the word {w}
write each letter of {w}
write {w} in single letters
put dashes between the letters of {w}
cut {w} up into letters
divide the word {w} into letters
dictate {w} to me letter by letter
read out {w} one letter at a time
from first to last, the letters of {w}?
first letter to last letter of {w}
letter by letter: {w}
letter for letter, what is {w}?
letters in {w} please
one by one, the letters in {w}
one after the other, the letters of {w}
"""
