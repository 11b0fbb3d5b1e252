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
split the bill of {a} between {b} people, how much each
the bill is {a}, we are {b}, how much per head
{a} euros dinner, {b} of us, per head?
we split {a} evenly {b} ways. whats my share
{b} people split a taxi for {a}. What does each pay?
a present costs {a} and {b} of us chip in the same, how much from each
{n} gives {b} friends {a} {t} in equal shares. How many does one friend get?
how many {t} does each of {b} children get if there are {a}
{a} sweets, {b} kids, how many apiece
{a} {t} between {b} boys, how many apiece?
mum has {a} cookies for us {b} kids how many do i get
if {a} is shared fairly by {b} everyone gets how much
each of {b} pirates gets the same part of {a} coins. How many coins per pirate?
{b} brothers inherit {a} acres in equal parts. Acres for one brother?
{a} was won by {b} players, in equal parts. how much per player
divide {a} equally among {b} please
how do i share {a} among {b} people so that its fair
please split {a} into {b} equal groups, how many in a group?
The teacher makes {b} equal teams from {a} pupils. How many pupils are in each team?
teams of {b}, we are {a} kids. how many teams is that
{a} pupils line up in rows of {b}. How many rows are there?
put {a} kids in groups of {b}. number of groups?
we are {a}, a tent sleeps {b}. How many tents do we need?
{b} people fit in one car, {a} want to come, how many cars
the lift takes {b} at a time and {a} are waiting, how many times must it go
boats for {b} people each, {a} tourists. boats?
how many buses with {b} seats for {a} passengers
{a} eggs go into cartons of {b}. How many cartons can be filled?
boxes hold {b} {t} each. How many boxes for {a} {t}?
{b} to a box, {a} altogether, boxes needed?
{n} packs {a} {t} in bags of {b}. How many bags are there?
i got {a} sweets n put {b} in a bag, how many bags
{a} photos, {b} per page, how many pages
an album page takes {b} photos. how many pages for my {a} photos
{a} bottles in {b} crates, how many per crate
{b} crates, {a} bottles, all crates full and equal. bottles per crate?
There are {a} books on {b} shelves, the same number on every shelf. How many books on one shelf?
if {b} shelves hold {a} books evenly, whats on one shelf
{a} chairs, {b} rows, chairs per row?
arrange {a} chairs in rows of {b}, how many rows
{a} trees in {b} equal rows. how many trees per row
{b} rows of corn with {a} plants in total. How many plants in one row?
{b} pens cost {a}. How much is one pen?
{b} of them cost {a} altogether, so one costs
paid {a} for {b} tickets, whats the price of one ticket
{n} paid {a} for {b} {t}. What did one cost?
a pack of {b} costs {a}. What is that per piece?
{b} kilos for {a}, whats the price per kilo
{b} kg of fish cost {a}. And 1 kg?
i paid {a} for {b} litres. how much per litre
{n} earned {a} in {b} hours. How much per hour?
{a} for {b} hours, whats the hourly pay
pay is {a} for {b} days of work, what is it per day
i make {a} in {b} months. how much a month
we drove {a} km in {b} hours, km per hour?
what is the speed if you go {a} metres in {b} seconds
a train needs {b} hours for {a} km. How fast is it?
at {b} km an hour how many hours for {a} km
{a} km to go, {b} km per day. How many days on the road?
{n} cycles {b} km a day. How long does {n} need for {a} km?
i read {b} pages a day, my book has {a} pages. when am i done, in how many days
a book has {a} pages and {n} wants to finish in {b} days. How many pages per day?
{a} pages in {b} days, thats how many per day
{a} words in {b} minutes. words per minute?
{n} types {b} words a minute. How many minutes for {a} words?
save {b} a week, want {a}. how many weeks
the bike is {a} and i can save {b} a month. how many months must i save
{n} saves {b} a day. After how many days does {n} have {a}?
{a} to pay back, {b} each month. how many months does it take
loan of {a} in {b} equal rates, how much is a rate
{n} owes {a} and pays {b} per week. In how many weeks is it paid?
{a} in {b} monthly payments of the same size. How big is one?
i have {a} euros, a ride is {b}, how many rides
how many {t} can i buy with {a} if one costs {b}
one ticket is {b}. with {a} how many tickets do i get
ive got {a} cents. sweets are {b} cents each. how many can i get?
{n} has {a} to spend on plants at {b} apiece. How many plants can {n} buy?
the shop took {a} by selling cakes at {b} each. How many cakes did it sell?
{n} got {a} from tickets for {b} each. How many tickets were sold?
{a} litres, the bucket takes {b} litres. how many buckets full
how many glasses of {b} ml does a jug of {a} ml fill
a tap gives {b} litres a minute. how long to fill {a} litres
a pump empties {a} litres in {b} minutes. litres per minute?
{a} g of flour, one loaf needs {b} g. How many loaves?
one cup takes {b} g of coffee, how many cups from {a} g
{a} tablets at {b} a day last for how many days
food for {a} days if shared by {b} cats lasts how long
the hay is {a} kg, the horses eat {b} kg a day. For how many days is there hay?
{n} cuts a {a} cm board into pieces of {b} cm. How many pieces?
rope of {a} m cut in {b} m bits. how many bits
{b} equal pieces out of {a} cm. Length of one piece?
saw {a} cm into {b} parts all the same, how long is one
how wide is a garden of {a} square metres that is {b} metres long
area {a}, one side {b}, other side?
a rectangle of {a} square cm has one side of {b} cm. How long is the other side?
what times {b} is {a}
{b} times what makes {a}?
which number multiplied by {b} gives {a}
by what must i multiply {b} to get {a}
how many times as big as {b} is {a}
how many times more is {a} than {b}
{n} has {a} {t} and {m} has {b}. How many times as many does {n} have?
{a} is how many times {b}
{n} has {b} times as many as {m}, and {n} has {a}. How many does {m} have?
{a} points in {b} games, how many points per game
on average per day, if it is {a} in {b} days?
{b} hens laid {a} eggs, the same number each. eggs per hen?
{b} bees made {a} g of honey. how much did one bee make
{a} legs in the stable, {b} legs per animal. how many animals
{a} wheels in the car park and {b} per car, how many cars
{a} shoes in sets of {b}. sets?
how often must i add {b} to get from zero to {a}
how often does {b} go into {a}
what is the {b}th part of {a}
one of {b} equal parts of {a} is how big
{a} seconds for {b} rounds. How long did one round take?
{b} songs last {a} seconds, all equally long. One song?
{n} did {b} laps and ran {a} metres. How long is a lap?
{a} cards dealt to {b} of us, cards per player?
{n} deals {a} cards, {b} to each player. How many players are there?
{n} stacks {a} bricks in {b} equal piles. Bricks per pile?
piles of {b}, {a} bricks in all, how many piles
{a} minutes of class time for {b} talks. minutes per talk?
one kid needs {b} sheets, i have {a} sheets. for how many kids is it enough
{a} roses in bunches of {b}, how many bunches can {n} sell
the cake was cut in {a} pieces for {b} people. how many pieces per person
{a} hours shared out over {b} days is how many hours a day
{n} gave {a} carrots to {b} rabbits. Each rabbit got the same. How many was that?
"""
