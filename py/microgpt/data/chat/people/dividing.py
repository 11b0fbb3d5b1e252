"""Ways in which people ask for {a} / {b}, one a line."""

DIVIDING = """
{a} is to be shared by {b}, what does each one have
{a} {t} for {b} people, how many for one
what does one cost when {b} cost {a}
how many groups of {b} can i make out of {a}
cut {a} into {b} same pieces. size?
{a} divided equally between {b}
if {b} of us pay {a} together, what does one of us pay
{a} pages, i read {b} a day, how many days does it take?
put {a} {t} into {b} rows. How many in a row?
{n} has {a} and spends {b} a day. How many days will it last?
{a} litres into bottles of {b} litres, how many bottles
{a} km, {b} km every hour. how many hours?
{a} euros for {b} hours of work, how much for an hour
{b} boxes hold {a} {t}, all the same. How many does one hold?
{a} sweets for {b} kids, how many does each get
how many times does {b} fit into {a}
we are {b} friends and the bill is {a}. Each pays?
deal {a} cards to {b} players. How many cards each?
{a} km in {b} hours, how fast was that?
{a} {t} fit in {b} boxes equally. How many in one box?
what is one part if {a} is divided in {b} parts
{a} split {b} ways
spread {a} {t} over {b} tables evenly, how many on one table?
{b} tickets cost {a}. What does one cost?
if {b} pens cost {a}, how much is one pen
a ribbon of {a} cm is cut into {b} equal pieces, how long is each piece?
{a} pupils make {b} groups of the same size. how big is a group?
{n} reads {a} pages in {b} days. Pages a day?
{a} shared equally with {b} people
how much is each share when {b} share {a}
distribute {a} among {b}
{a} divided up by {b}
divide up {a} for {b} people
{b} goes into {a} how many times
how many a day if i do {a} in {b} days?
{a} eggs into boxes of {b}. How many boxes?
{n} has {a} {t} and puts {b} in every bag. How many bags does {n} fill?
{n} pays {a} in {b} equal payments. How much is one?
each bus takes {b} people, we are {a}, how many buses
{a} legs, each animal has {b}. How many animals?
ratio of {a} to {b}
i want to cut {a} metres into {b} bits, how long is a bit?
{a} minutes for {b} laps, minutes for one lap?
share out {a} {t} to {b} children
{b} people win {a} together. How much does one win?
how many {b} are there in {a}
break {a} into {b} equal parts, one part is?
please divide {a} by {b}
{n} has {a} cookies for {b} children. How many cookies does each child get?
{a} over {b}
what's {a} divided by {b}
{b} friends share {a} euros. How much for each one?
i have {a} photos and {b} fit on a page. how many pages do i need
a cake has {a} pieces for {b} guests, pieces each?
{a} students sit in {b} rows. How many in each row?
how many {b} fit in {a}
i drove {a} km in {b} days. how many km a day is that
{n} earns {a} in {b} weeks. What does {n} earn in a week?
pack {a} bottles in crates of {b}, how many crates
if {b} people lift {a} kg, how much does each lift?
{a} sheets of paper, {b} for each pupil. How many pupils get some?
split {a} between {b} people
the {b} of us found {a} shells and share them. shells for me?
divide {a} sweets fairly, we are {b}
{a} wheels, each car needs {b}. how many cars
{n} cuts {a} cm of string into {b} parts. How long is a part?
a book of {a} pages is read in {b} days, how many pages is that every day?
{a} chairs in {b} equal rows. how many stand in a row
what is the share of one if {b} share {a}
if i pay {a} in {b} parts, how much is a part
{a} minutes, a game takes {b}. How many games?
each shelf holds {b} books. How many shelves for {a} books?
{b} equal bags weigh {a} kg. What is the weight of one bag?
a team has {b} players, {a} players came. how many teams can play
give {a} to {b} kids, the same to all, what does one get?
how much is the {b} part of {a}
i want {a} in groups of {b}
{n} walks {a} metres in {b} minutes. How many metres in a minute?
{a} roses make {b} equal bunches. Roses in a bunch?
my {b} kids get {a} coins together. how many does each have
{a} pills, {b} a day, how long do they last?
how many pieces of {b} cm can i cut from {a} cm
fill {a} litres in buckets of {b} litres. how many buckets
they won {a}, there are {b} of them. Everybody gets?
{n} puts {a} cards on {b} piles, all equal. How many cards lie on one pile?
{a} by {b} people makes how much for each person
for {b} things i paid {a}. what was one
{a} hours of work for {b} workers. How long does each work?
i have {a} eggs. a cake needs {b}. how many cakes can i bake
the rent is {a} and {b} people pay it. what does each pay
please share {a} among {b} of us
{a} legs belong to animals with {b} legs. How many animals are it?
how often can i take {b} out of {a}
{b} rows with {a} plants altogether, how many plants a row?
the quotient of {a} and {b}
divvy {a} up by {b}
"""
